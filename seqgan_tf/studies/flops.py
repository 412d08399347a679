"""FLOP of training. Only matrix products and convolutions count; a multiply-add counts as two."""

from seqgan_tf.runs import history

GATES = {"lstm": 4, "gru": 3}  # a user's own cell counts as an LSTM


def generator_flop(config):
    """Returns the FLOP of the generator's forward pass for one token."""
    hidden = config.g_hidden_dim
    gates = GATES.get(config.g_cell, GATES["lstm"])
    return 2 * (gates * hidden * (config.g_embedding_dim + hidden) + hidden * config.vocab_size)


def discriminator_flop(config):
    """Returns the FLOP of the discriminator's forward pass for one sequence; 0 without a discriminator."""
    if not config.uses_discriminator:
        return 0
    windows = sum((config.max_length - width + 1) * width * count for width, count in config.d_filters)
    features = sum(count for _, count in config.d_filters)
    return 2 * (windows * config.d_embedding_dim + 2 * features**2 + 2 * features)


def work(config):
    """Returns the FLOP of each piece of work. A training step counts as three forward passes.

    Returns:
      dict of "sample" (10,000 sequences), "mle" (an epoch), "discriminator" (an epoch) and "generator" (a
      policy-gradient step with its roll-outs) -> FLOP.
    """
    c = config
    length, batch = c.max_length, c.batch_size
    token, sequence = generator_flop(c), discriminator_flop(c)
    rollout_tokens = c.num_rollouts * batch * length * (length - 1) / 2
    rollout_sequences = c.num_rollouts * batch * (length - 1) + batch
    return {
        "sample": 10_000 * length * token,
        "mle": c.train_size // batch * batch * length * 3 * token,
        "discriminator": 2 * c.train_size // batch * batch * 3 * sequence,
        "generator": (rollout_tokens + 4 * batch * length) * token + rollout_sequences * sequence,
    }


def training(config, done, pieces):
    """Returns the cost of training.

    Args:
      config: Config.
      done: dict of phase -> number of epochs, rounds or iterations.
      pieces: dict of piece -> cost, with the keys of `work`; the cost may be in any unit.
    """
    iterations = done.get("adversarial", 0)
    rounds = done.get("discriminator", 0) + iterations * config.d_steps
    generator = done.get("mle", 0) * pieces["mle"] + iterations * config.g_steps * pieces["generator"]
    return generator + rounds * config.d_epochs * pieces["discriminator"]


def same_compute(config):
    """Returns the number of MLE epochs that cost as much as all training of a Config after pre-training."""
    pieces = work(config)
    return round(training(config, history.phase_totals(config) | {"mle": 0}, pieces) / pieces["mle"])
