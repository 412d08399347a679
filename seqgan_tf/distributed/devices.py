"""Devices: the strategy for the GPUs of this machine, or for several machines (TF_CONFIG, SLURM)."""

import faulthandler
import json
import os
import re
import signal

import tensorflow as tf

from seqgan_tf.distributed.rendezvous import meet

resolvers = tf.distribute.cluster_resolver
EXAMPLE = '{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}'


def make_strategy(name, gpus=0, cpu_devices=0, threads=0, port=0, worker_timeout=60.0):
    """Returns the tf.distribute.Strategy to train in. Call it before TensorFlow computes anything.

    Args:
      name: "one", "mirrored", "multiworker" or "auto". auto is multiworker if TF_CONFIG or a SLURM step names several
        workers, otherwise mirrored if there are several GPUs, otherwise one. one ignores TF_CONFIG and SLURM.
      gpus: number of GPUs to use on each machine; 0 for all.
      cpu_devices: number of logical devices to split the CPU into, for mirrored without a GPU.
      threads: threads per operation; 0 for one per core. The last bits of sums depend on it.
      port: port of the first worker that SLURM starts on a host; 0 to derive it from the id of the job.
      worker_timeout: seconds to wait for the other workers.

    Raises:
      ValueError: naming the flag or variable, if the devices or workers cannot be used.
    """
    workers = None if name == "one" else _workers(port)
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    found = tf.config.list_physical_devices("GPU")
    if gpus > len(found):
        raise ValueError(f"--gpus must be between 0 and {len(found)}, the number of GPUs found here, got {gpus}.")
    tf.config.set_visible_devices(found[: gpus or None], "GPU")
    num_gpus = gpus or len(found)
    if name == "auto":
        name = "multiworker" if workers else "mirrored" if num_gpus > 1 else "one"
    if cpu_devices and (name != "mirrored" or num_gpus):
        raise ValueError(f"--cpu_devices must be 0 except with --strategy=mirrored without a GPU, got {cpu_devices}.")
    if name == "multiworker":
        if not workers:
            raise ValueError(
                "--strategy=multiworker must have several workers, named by TF_CONFIG or a SLURM step, got none; set "
                f"TF_CONFIG as in {EXAMPLE}."
            )
        return _multiworker(*workers, num_gpus, worker_timeout)
    if name == "one" and gpus > 1:
        raise ValueError(f"--gpus must be 0 or 1 with --strategy=one, got {gpus}.")
    num = num_gpus or cpu_devices
    if name == "mirrored" and not num:
        raise ValueError("--strategy must be one or auto without a GPU, got mirrored; or add --cpu_devices=2.")
    if name == "one" or num == 1:
        return tf.distribute.get_strategy()
    if not num_gpus:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * num)
    return tf.distribute.MirroredStrategy([f"{'GPU' if num_gpus else 'CPU'}:{i}" for i in range(num)])


def _multiworker(jobs, kind, index, num_gpus, worker_timeout):
    addresses = [*jobs.get("chief", []), *jobs["worker"]]
    meet(addresses, addresses.index(jobs[kind][index]), worker_timeout)
    spec, devices = tf.train.ClusterSpec(jobs), {"GPU": num_gpus}
    resolver = resolvers.SimpleClusterResolver(spec, "", kind, index, num_accelerators=devices, rpc_layer="grpc")
    handler = signal.getsignal(signal.SIGTERM)
    # All workers are ready, so this takes a second. If one has just been lost, TensorFlow would wait forever.
    faulthandler.dump_traceback_later(worker_timeout, exit=True)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(resolver)
    except (tf.errors.OpError, RuntimeError) as error:
        why = str(error).splitlines()[0]
        raise ValueError(f"TF_CONFIG or SLURM must name workers that can train together, got {why}.") from error
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGTERM, handler)  # TensorFlow has replaced it by one that does not stop training


def _workers(port):
    """Returns (dict of kind -> addresses, kind of this worker, its index); None if there is only one worker."""
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS") or "1")
    text = os.environ.get("TF_CONFIG", "").strip()
    if not re.fullmatch(r'(\{\s*("cluster"\s*:\s*\{\s*\}\s*)?\})?', text):  # it names a worker
        jobs, kind, index = _parse(text)
    elif tasks > 1:
        # SLURM decides which GPUs a task sees (--gpus-per-task); the class only requires these numbers.
        slurm = resolvers.SlurmClusterResolver(gpus_per_node=tasks, gpus_per_task=1, auto_set_gpu=False)
        # Its cluster_spec sorts hosts as text, node10 before node9, but SLURM numbers tasks in the order of its list.
        hosts = slurm._resolve_task_configuration()
        first = port or 12_000 + int(os.environ.get("SLURM_JOB_ID") or "0") % 16_000
        jobs = {"worker": [f"{host}:{first + i}" for host, number in hosts.items() for i in range(number)]}
        kind, index = "worker", int(os.environ["SLURM_PROCID"])
    else:
        return None
    return (jobs, kind, index) if sum(map(len, jobs.values())) > 1 else None


def _parse(text):
    """Returns TF_CONFIG as (dict of kind -> addresses, kind of this worker, its index)."""
    try:
        content = json.loads(text)
        jobs, kind, index = content["cluster"], content["task"]["type"], content["task"]["index"]
        addresses = sum(jobs.values(), [])
        ports = [int(re.fullmatch(r"\S+:(\d{1,5})", address)[1]) for address in addresses]
        is_valid = jobs.keys() <= {"chief", "worker"} and len(jobs.get("chief", "-")) == 1
        is_valid &= len(set(addresses)) == len(addresses) and all(0 < port < 2**16 for port in ports)
        is_valid &= type(index) is int and index in range(len(jobs[kind]))
    except (ValueError, KeyError, TypeError, AttributeError):
        is_valid = False
    if not is_valid:
        raise ValueError(
            "TF_CONFIG must list host:port of at most one chief and of all workers, each once, and say which of them "
            f"this is, as in {EXAMPLE}; got {' '.join(text.split())[:120]!r}."
        )
    return jobs, kind, index
