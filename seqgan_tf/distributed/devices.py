"""Devices: which of them train together, on this machine and on others (TF_CONFIG, SLURM)."""

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
    """The tf.distribute.Strategy to train in, before TensorFlow computes anything; ValueError names a wrong flag.

    Args:
      name: one, mirrored, multiworker, or auto: multiworker where TF_CONFIG or a SLURM step has several tasks, else
        mirrored where there are several GPUs, else one. With one, the variables of clusters are not read.
      gpus: to use on each machine; 0: all.
      cpu_devices: for mirrored without a GPU, logical devices to split the CPU into.
      threads: per operation; 0: one per core. The last bits of sums depend on it.
      port: first of the workers that SLURM starts on a host; 0: one by the job's id.
      worker_timeout: seconds to wait for the other workers.
    """
    workers = None if name == "one" else _workers(port)
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    found = tf.config.list_physical_devices("GPU")
    if gpus > len(found):
        raise ValueError(f"--gpus is {gpus}; allowed is 0 to {len(found)}, the GPUs that TensorFlow finds here.")
    tf.config.set_visible_devices(found[: gpus or None], "GPU")
    num_gpus = gpus or len(found)
    if name == "auto":
        name = "multiworker" if workers else "mirrored" if num_gpus > 1 else "one"
    if cpu_devices and (name != "mirrored" or num_gpus):
        raise ValueError(f"--cpu_devices must be 0 but for --strategy=mirrored without a GPU, got {cpu_devices}.")
    if name == "multiworker":
        if not workers:
            raise ValueError(
                "--strategy is multiworker, and neither TF_CONFIG nor a SLURM step names several workers; "
                f"allowed is TF_CONFIG as in {EXAMPLE}."
            )
        return _multiworker(*workers, num_gpus, worker_timeout)
    if name == "one" and gpus > 1:
        raise ValueError(f"--gpus is {gpus}; allowed with --strategy=one is 0 or 1.")
    num = num_gpus or cpu_devices
    if name == "mirrored" and not num:
        raise ValueError("--strategy must be one or auto without a GPU, or come with --cpu_devices=2, got mirrored.")
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
    # All are there, so this takes a second; but if one is gone again, TensorFlow would wait for it forever.
    faulthandler.dump_traceback_later(worker_timeout, exit=True)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(resolver)
    except (tf.errors.OpError, RuntimeError) as error:
        why = str(error).splitlines()[0]
        raise ValueError(f"the workers of TF_CONFIG or SLURM cannot work together ({why}).") from error
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGTERM, handler)  # TensorFlow puts one of its own there, which does not stop


def _workers(port):
    """Of several workers (addresses by kind of task, the kind of this one, its index); None where there is one."""
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS") or "1")
    text = os.environ.get("TF_CONFIG", "").strip()
    if not re.fullmatch(r'(\{\s*("cluster"\s*:\s*\{\s*\}\s*)?\})?', text):  # which all name no worker
        jobs, kind, index = _parse(text)
    elif tasks > 1:
        # Which GPUs a task sees is left to SLURM (--gpus-per-task); the numbers here only keep the class content.
        slurm = resolvers.SlurmClusterResolver(gpus_per_node=tasks, gpus_per_task=1, auto_set_gpu=False)
        # Its cluster_spec sorts hosts as text, node10 before node9; SLURM counts tasks in the order of its list.
        hosts = slurm._resolve_task_configuration()
        first = port or 12_000 + int(os.environ.get("SLURM_JOB_ID") or "0") % 16_000
        jobs = {"worker": [f"{host}:{first + i}" for host, number in hosts.items() for i in range(number)]}
        kind, index = "worker", int(os.environ["SLURM_PROCID"])
    else:
        return None
    return (jobs, kind, index) if sum(map(len, jobs.values())) > 1 else None


def _parse(text):
    """TF_CONFIG as (addresses by kind of task, the kind of this one, its index)."""
    try:
        content = json.loads(text)
        jobs, kind, index = content["cluster"], content["task"]["type"], content["task"]["index"]
        addresses = sum(jobs.values(), [])
        ports = [int(re.fullmatch(r"\S+:(\d{1,5})", address)[1]) for address in addresses]
        is_valid = jobs.keys() <= {"chief", "worker"} and len(jobs.get("chief", "-")) == 1
        is_valid &= len(set(addresses)) == len(addresses) and all(0 < port < 2**16 for port in ports)
        is_valid &= type(index) is int and index in range(len(jobs[kind]))
    except (ValueError, KeyError, TypeError, AttributeError):  # what is not where it should be
        is_valid = False
    if not is_valid:
        raise ValueError(
            "TF_CONFIG must list the host:port of one chief at most and of workers, each once, and say which of them "
            f"this is, as in {EXAMPLE}; got {' '.join(text.split())[:120]!r}."
        )
    return jobs, kind, index
