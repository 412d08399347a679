"""PRESETS: complete settings by name, and what to expect of each."""

import dataclasses

from seqgan_tf.config import corpora
from seqgan_tf.config.settings import Config

SMALL_FILTERS = {"d_filter_widths": (1, 2, 3, 4, 5, 10), "d_filter_counts": (50, 50, 50, 50, 50, 50)}

# What the presets of a corpus start from, by the name in its corpus.json.
BASES = {
    # Text on two cores [here]: a generator of twice the paper's sizes, a small D, and policy-gradient steps so small
    # that it keeps up with them.
    "text": Config(
        g_embedding_dim=64,
        g_hidden_dim=64,
        mle_learning_rate=0.005,
        mle_eval_every=4,
        **SMALL_FILTERS,
        train_size=4_000,
        d_rounds=3,
        d_epochs=1,
        g_steps=20,
        d_steps=1,
        iterations=8,
        num_rollouts=4,
        pg_learning_rate=0.001,
        eval_samples=2_000,
        eval_every=2,
    ),
    "paper": Config(),
    # The paper's filters for T = 32 [C].
    "paper_t32": Config(
        max_length=32,
        d_filter_widths=(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 24, 32),
        d_filter_counts=(100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160, 160),
    ),
}

PRESETS: dict[str, Config] = {
    "quick": Config(
        **SMALL_FILTERS,
        mle_epochs=20,
        d_rounds=2,
        d_epochs=1,
        g_steps=5,
        d_steps=1,
        iterations=8,
        eval_samples=2_000,
        heldout_size=2_000,
        eval_every=2,
    ),
    "paper": Config(),
    "smoke": Config(
        vocab_size=50,
        max_length=6,
        batch_size=8,
        train_size=64,
        oracle_embedding_dim=8,
        oracle_hidden_dim=8,
        g_embedding_dim=8,
        g_hidden_dim=8,
        d_embedding_dim=8,
        d_filter_widths=(1, 2, 3),
        d_filter_counts=(8, 8, 8),
        mle_epochs=4,
        d_rounds=2,
        iterations=3,
        d_steps=2,
        d_epochs=2,
        num_rollouts=4,
        eval_samples=64,
        heldout_size=64,
        mle_eval_every=2,
        eval_every=1,
    ),
}

# What each preset is, and the time and score to expect. How they were measured is in the README.
ABOUT = {
    "quick": """The paper's vocabulary, length, generator, oracle and N = 16; a smaller D and schedule.
expected time: 4 to 8 minutes on two cores
expected score: nll_oracle 9.0 after MLE, 8.7 after SeqGAN (real data 5.9)""",
    "paper": """The paper's and its authors' settings to the letter.
expected time: 13 to 40 hours on two cores, by the estimate of benchmark; meant for a GPU
expected score: nll_oracle 9.04 after MLE, 8.74 after SeqGAN, by the paper's Table 1; not yet run here""",
    "smoke": """Everything tiny, to see whether it runs.
expected time: 15 seconds
expected score: nll_oracle 3.9 after MLE, 3.8 after SeqGAN (real data 3.4)""",
}

for _corpus, _about in corpora.described().items():
    for _name, _preset in _about["presets"].items():
        PRESETS[_name] = dataclasses.replace(BASES[_preset["base"]], **{"corpus": _corpus} | _preset["settings"])
        ABOUT[_name] = _preset["about"]
