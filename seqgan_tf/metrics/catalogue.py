"""Tags: how TensorBoard calls the figures of a run, in groups, and what it says of them."""

# How TensorBoard shows the figures: the beginning of a figure's name, what stands in its place in the tag, and what
# the figure is. The first beginning that fits counts.
_SINCE = "mean over the steps since the evaluation before."
TAGS = {
    "nll_train": ("training/nll_train", f"Loss of maximum likelihood, nats per token, {_SINCE}"),
    "pg_loss": ("training/pg_loss", f"Loss of the policy gradient, summed over the batch, {_SINCE}"),
    "mean_reward": ("training/mean_reward", f"Action value Q of the generator's tokens, in [0, 1], {_SINCE}"),
    "d_loss": ("training/d_loss", f"Cross entropy of the discriminator, nats per sequence, {_SINCE}"),
    "d_auc_": (
        "discriminator/auc_",
        "Share of pairs in which a real sequence, D's training data or held-out, scores above a generated one.",
    ),
    "d_accuracy_": (
        "discriminator/accuracy_",
        "Share of real sequences, of D's training data or held-out, and generated ones told right: 0.5 is chance.",
    ),
    "d_accuracy": ("training/d_accuracy", f"Share of sequences told right, dropout on, {_SINCE}"),
    "nll_oracle": (
        "nll/nll_oracle",
        "How unlikely the oracle finds generated sequences, nats per token; lower is better.",
    ),
    "nll_test": ("nll/nll_test", "How unlikely the generator finds held-out real sequences, nats per token."),
    "nll_valid": ("nll/nll_valid", "How unlikely the generator finds the validation split, nats per token."),
    "entropy": ("nll/entropy", "How unlikely the generator finds its own sequences, nats per token: their variety."),
    "bleu_valid": ("bleu/bleu_valid", "BLEU against the validation split, in [0, 1]; higher is closer."),
    "bleu_first500": ("bleu/bleu_first500", "BLEU of 500 samples against the first 500 test sequences, in [0, 1]."),
    "bleu": ("bleu/bleu", "BLEU against the test split, in [0, 1], up to the order in the name; higher is closer."),
    "self_bleu": ("self_bleu/self_bleu", "BLEU of a sample against the other ones, in [0, 1]; lower is more varied."),
    "distinct": ("diversity/distinct", "Different n-grams for each n-gram, in [0, 1], n in the name."),
    "memorised": ("diversity/memorised", "Share of samples that stand in the training split."),
    "repeated": ("diversity/repeated", "Share of samples that equal another sample."),
    "pitch_mse": ("music/pitch_mse", "Distance to the nearest test melody, squared semitones."),
    "wall_seconds": ("time/wall_seconds", "Seconds of training so far."),
    "": ("other/", ""),
}
YARDSTICKS = {"_real": ("real data", "real data"), "_random": ("random tokens", "uniform random tokens")}
STEP = "Over epochs of maximum likelihood, then rounds of the discriminator, then iterations."


def tag(name):
    """How TensorBoard shows a figure of a record: the tag, group/name, and what it is in words."""
    for ending, (group, whose) in YARDSTICKS.items():
        if name.endswith(ending):
            plain = name.removesuffix(ending)
            return f"{group}/{plain}", f"With {whose} in the place of generated sequences: {tag(plain)[1]}"
    beginning, (shown, description) = next(item for item in TAGS.items() if name.startswith(item[0]))
    return shown + name.removeprefix(beginning), f"{description} {STEP}"
