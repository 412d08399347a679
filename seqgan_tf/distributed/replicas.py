"""Replicas: sharing the work among devices or machines (tf.distribute).

The strategy in whose scope code runs determines the replicas; outside any scope there is one replica.
"""

import functools

import tensorflow as tf


def num_replicas():
    """Returns R, the number of replicas of the current strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def num_workers():
    """Returns the number of processes that train together."""
    resolver = tf.distribute.get_strategy().cluster_resolver
    jobs = resolver.cluster_spec().as_dict() if resolver else {}
    return len([*jobs.get("chief", []), *jobs.get("worker", [])]) or 1


def is_chief():
    """Whether this process is the chief, the one that writes files and prints results."""
    return tf.distribute.get_strategy().extended.should_checkpoint


def on_replicas(function):
    """Decorates a function of tensors and models: a tf.function that runs it on each replica with the same arguments.

    Inside it, `share` returns the replica's part of a batch, and `total` and `gathered` combine the parts. All
    replicas must return the same tensors.
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
    """Returns the index of the replica that runs this, from 0 to R - 1: int or [] int32."""
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def share(batch):
    """Returns this replica's part of a batch: [B, ...] -> [B / R, ...]. R must divide B."""
    rows, first = tf.shape(batch)[0] // num_replicas(), replica_index()
    return batch if num_replicas() == 1 else batch[first * rows : (first + 1) * rows]


def total(values):
    """Returns the sum over the replicas of a tensor, or of each tensor in a list."""
    context = tf.distribute.get_replica_context()
    return values if num_replicas() == 1 else context.all_reduce(tf.distribute.ReduceOp.SUM, values)


def gathered(value):
    """Returns the tensors [M_r, ...] of all replicas, concatenated: [M, ...]."""
    return value if num_replicas() == 1 else tf.distribute.get_replica_context().all_gather(value, axis=0)


def agreed(*numbers):
    """Returns the maximum of each int32 over the processes, a list. All processes wait for each other here."""
    if num_workers() == 1:
        return list(numbers)
    return _largest_of_replicas(tf.constant(numbers, tf.int32)).numpy().tolist()


@on_replicas
def _largest_of_replicas(numbers):
    return tf.reduce_max(gathered(numbers[None]), 0)


def check_same(number):
    """Raises ValueError if the processes have different numbers, int32."""
    # The maximum of ~number gives the minimum of number without overflow.
    if agreed(number, ~number) != [number, ~number]:
        raise ValueError(
            "All workers must have the same flags, and --run must be a folder on a file system that they share; got "
            "different settings, data or checkpoints."
        )
