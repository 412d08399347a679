#!/usr/bin/env bash
# Four machines, one worker with eight GPUs on each: sbatch docs/launch/slurm.sh --preset=paper --run=runs/paper
# Submit it from the project folder, which all machines must share. Submit it again to resume the run.
#SBATCH --job-name=seqgan_tf
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-task=8
#SBATCH --cpus-per-task=16
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
# Two minutes before the time limit, every worker gets SIGTERM, saves and exits with code 143.
set -euo pipefail
# Since SLURM 22.05, srun does not inherit --cpus-per-task from the job.
export SRUN_CPUS_PER_TASK="${SLURM_CPUS_PER_TASK:-16}"
# The workers find each other by the SLURM_ variables of the step.
srun --kill-on-bad-exit=0 .venv/bin/python -m seqgan_tf.main --strategy=multiworker --worker_timeout=600 "$@"
