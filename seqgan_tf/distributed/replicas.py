"""Distribution: replicas that share the work, on one device, several GPUs or several machines (tf.distribute).

Which replicas there are is decided by the strategy in whose scope code runs; outside of any there is one replica.
"""

import functools

import tensorflow as tf


def num_replicas():
    """R, replicas of the strategy in whose scope this is called."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def num_workers():
    """Processes that train together."""
    resolver = tf.distribute.get_strategy().cluster_resolver
    jobs = resolver.cluster_spec().as_dict() if resolver else {}
    return len([*jobs.get("chief", []), *jobs.get("worker", [])]) or 1


def is_chief():
    """Whether this process is the one that writes and speaks for all."""
    return tf.distribute.get_strategy().extended.should_checkpoint


def on_replicas(function):
    """A tf.function that calls function, of tensors and models, on each replica with the same arguments.

    Inside, `share` takes the replica's part of a batch, and `total` and `gathered` make what all have and return.
    """

    @functools.wraps(function)
    def replicated(*arguments, **options):
        strategy = tf.distribute.get_strategy()
        if strategy.num_replicas_in_sync == 1:
            return function(*arguments, **options)
        results = strategy.run(function, arguments, options)
        return tf.nest.map_structure(lambda result: strategy.experimental_local_results(result)[0], results)

    return tf.function(replicated, autograph=False)


def replica_index():
    """Which of the R replicas runs this: int or [] int32."""
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def share(batch):
    """This replica's part of a batch that all have: [B, ...] -> [B / R, ...]; R divides B."""
    rows, first = tf.shape(batch)[0] // num_replicas(), replica_index()
    return batch if num_replicas() == 1 else batch[first * rows : (first + 1) * rows]


def total(values):
    """Sum of a tensor, or of each in a list, over the replicas."""
    context = tf.distribute.get_replica_context()
    return values if num_replicas() == 1 else context.all_reduce(tf.distribute.ReduceOp.SUM, values)


def gathered(value):
    """The replicas' tensors [M_r, ...] one behind the other: [M, ...]."""
    return value if num_replicas() == 1 else tf.distribute.get_replica_context().all_gather(value, axis=0)


def agreed(*numbers):
    """The largest of each int32 over the processes, a list; they wait for each other here."""
    if num_workers() == 1:
        return list(numbers)
    return _largest_of_replicas(tf.constant(numbers, tf.int32)).numpy().tolist()


@on_replicas
def _largest_of_replicas(numbers):
    return tf.reduce_max(gathered(numbers[None]), 0)


def check_same(number):
    """Raises ValueError where the processes hold different numbers, int32."""
    # The largest ~number is that of the smallest number, without overflow.
    if agreed(number, ~number) != [number, ~number]:
        raise ValueError(
            "the workers have different settings, or see different checkpoints; allowed are the same flags for all, "
            "and for --run a folder on a file system that they share."
        )
