"""The launchers of docs/launch, as far as they can be tried without a cluster."""

import os
import re
import subprocess

import yaml
from command import ROOT

from seqgan_tf.distributed import devices
from seqgan_tf.main import main

LAUNCH = ROOT / "docs" / "launch"


def flags_are_known(text):
    words = re.findall(r"--(?:strategy|worker_timeout|preset|run)=[^\s;\"']+", text.split("seqgan_tf.main", 1)[1])
    return words and main(["main", *words, "--help"]) == 0


def test_the_slurm_script_starts_a_worker_a_task(tmp_path):
    script = LAUNCH / "slurm.sh"
    (tmp_path / "srun").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "srun").chmod(0o755)
    path = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.run(["bash", script, "--preset=paper"], env=path, capture_output=True, text=True)
    assert process.stdout.endswith("--strategy=multiworker --worker_timeout=600 --preset=paper\n")
    assert "#SBATCH --ntasks-per-node=1" in script.read_text() and flags_are_known(process.stdout)


def test_each_pod_of_the_manifest_is_another_worker():
    service, job = yaml.safe_load_all((LAUNCH / "kubernetes.yaml").read_text())
    spec = job["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    shell, option, script = container["command"]
    variable, _ = script.split("exec ")
    for index in range(job["spec"]["completions"]):
        tf_config = subprocess.run(
            [shell, option, variable + 'echo "$TF_CONFIG"'],
            env={"JOB_COMPLETION_INDEX": str(index)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        jobs, kind, task = devices._parse(tf_config)
        assert (kind, task) == ("worker", index) and len(jobs["worker"]) == job["spec"]["completions"]
        name, port = jobs["worker"][index].split(":")
        assert name == f"{job['metadata']['name']}-{index}.{spec['subdomain']}"
        assert spec["subdomain"] == service["metadata"]["name"] and int(port) == service["spec"]["ports"][0]["port"]
    assert flags_are_known(script)
    assert container["volumeMounts"][0]["mountPath"] == "/runs"
