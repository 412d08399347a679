#!/usr/bin/env bash
# Four machines, a worker on each with all its GPUs: sbatch docs/launch/slurm.sh --preset=paper --run=runs/paper
# Submit it from the project's folder, which all machines must see; give it again to go on with a run.
#SBATCH --job-name=seqgan_tf
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-task=8
#SBATCH --cpus-per-task=16
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
# Two minutes before the time is over, every worker gets SIGTERM, saves and ends with code 143.
set -euo pipefail
# Since 22.05 srun does not take --cpus-per-task from the job.
export SRUN_CPUS_PER_TASK="${SLURM_CPUS_PER_TASK:-16}"
# The step's SLURM_ variables say who the workers are; they listen from port 8888 on.
srun --kill-on-bad-exit=0 .venv/bin/python -m seqgan_tf.main --strategy=multiworker --worker_timeout=600 "$@"
