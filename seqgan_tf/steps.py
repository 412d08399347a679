"""Optimisation steps of the generator and the discriminator.

Each replica takes a share of the batch; gradients and metrics are those of the whole batch.
"""

import keras
import tensorflow as tf

from seqgan_tf.distributed.replicas import num_replicas, on_replicas, share, total
from seqgan_tf.losses import cross_entropy_with, discriminator_loss, token_nll
from seqgan_tf.objectives import Statistics, of_sampled, reinforce
from seqgan_tf.sampling import mixed_with_samples


@on_replicas
def mle_step(
    generator,
    optimizer,
    tokens,
    clip_norm,
    dropout=0.0,
    truth=None,
    seed=None,
    *,
    variational=False,
    l2=0.0,
    teachers=(),
):
    """Updates the generator by maximum likelihood on real sequences, or by imitating teachers.

    Args:
      generator: models.Generator.
      optimizer: keras.optimizers.Optimizer, built for the generator's variables.
      tokens: [B, T] int32, real sequences; with teachers also sampled ones.
      clip_norm: bound on the global norm of the gradient, or None.
      dropout: share of the generator's embeddings and of its cell's outputs that is dropped.
      truth: [] float32, probability of reading the true token in scheduled sampling; None for always.
      seed: [2] int32 for dropout and scheduled sampling; None without them.
      variational: whether dropout drops the same features at all positions (Gal and Ghahramani, 2016).
      l2: weight of the squared norm of all parameters, which is added to the loss.
      teachers: models.Generators. If there are any, the loss is the cross entropy with the mean of their
        probabilities, -sum_y p(y|s) log G(y|s), at every prefix s of the tokens (Hinton et al., 2015).

    Returns:
      {"nll_train": []}, with teachers {"distillation_loss": []}: the loss before the update and without the penalty,
      in nats per token.

    Examples:
      >>> import keras
      >>> from seqgan_tf.models import Generator
      >>> generator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> optimizer = keras.optimizers.Adam(0.01)
      >>> optimizer.build(generator.trainable_variables)
      >>> tokens = tf.constant([[1, 2, 3], [1, 2, 4]])
      >>> losses = [mle_step(generator, optimizer, tokens, clip_norm=5.0)["nll_train"] for _ in range(3)]
      >>> [round(float(loss), 2) for loss in losses]
      [2.0, 1.99, 1.98]
    """
    batch_size, length = tf.shape(tokens)[0], tokens.shape[1]
    noise = share(generator.noise(batch_size, 1 if variational else length, seed)) if dropout else None
    coins = None if truth is None else share(tf.random.stateless_uniform([batch_size, length, 3], seed + 1))
    tokens = share(tokens)
    read = tokens if truth is None else mixed_with_samples(generator, tokens, coins, truth)
    mask = generator.mask(tokens)
    num_tokens = total(tf.reduce_sum(mask))
    probabilities = sum(tf.nn.softmax(teacher(tokens)) for teacher in teachers) / max(1, len(teachers))
    with tf.GradientTape() as tape:
        logits = generator(read, dropout=dropout, noise=noise)
        losses = cross_entropy_with(probabilities, logits) if teachers else token_nll(logits, tokens)
        loss = tf.reduce_sum(losses * mask) / num_tokens
        penalty = 0.0
        if l2:
            penalty = l2 * tf.add_n([tf.reduce_sum(tf.square(weight)) for weight in generator.trainable_weights])
        objective = loss + penalty / num_replicas()
    _apply(generator, optimizer, tape, objective, clip_norm)
    return {"distillation_loss" if teachers else "nll_train": total(loss)}


@on_replicas
def policy_gradient_step(
    generator, optimizer, tokens, action_values, clip_norm, objective=reinforce, moving_mean=0.0, old_log_probs=None
):
    """Updates the generator by policy gradient on sampled sequences (paper, Eq. 7-8).

    With the values of every action it is the exact expectation over the next token, sum_y G(y | Y_1:t-1) Q(y), at
    each prefix of the sequences, and the objective is not used.

    Args:
      generator: models.Generator.
      optimizer: keras.optimizers.Optimizer, built for the generator's variables.
      tokens: [B, T] int32, sampled sequences.
      action_values: [B, T], Q of each token; or [B, T, V], Q of every token that could come next.
      clip_norm: bound on the global norm of the gradient, or None.
      objective: an entry of objectives.OBJECTIVES, or a function like them.
      moving_mean: [] float32, moving average of the mean Q of earlier batches.
      old_log_probs: [B, T], log-probabilities of the tokens under the generator that sampled them; None if it is this
        one, unchanged.

    Returns:
      {"pg_loss": [], "mean_reward": []}: the loss before the update, summed over the batch, and the mean Q
      of the sampled tokens.

    Examples:
      >>> import keras
      >>> from seqgan_tf.models import Generator
      >>> generator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> optimizer = keras.optimizers.Adam(0.01)
      >>> optimizer.build(generator.trainable_variables)
      >>> tokens = tf.constant([[1, 2, 3], [1, 2, 4]])
      >>> action_values = tf.constant([[0.5, 0.5, 0.5], [1.0, 1.0, 1.0]])
      >>> metrics = policy_gradient_step(generator, optimizer, tokens, action_values, clip_norm=5.0)
      >>> {name: round(float(value), 2) for name, value in metrics.items()}
      {'pg_loss': 8.97, 'mean_reward': 0.75}
    """
    mask = generator.mask(tokens)
    num_tokens = tf.reduce_sum(mask)
    sampled_values = of_sampled(action_values, tokens)
    mean_reward = tf.reduce_sum(sampled_values * mask) / num_tokens
    variance = tf.reduce_sum(tf.square(sampled_values - mean_reward) * mask) / num_tokens
    statistics = Statistics(mean_reward, tf.sqrt(variance), tf.convert_to_tensor(moving_mean))
    tokens, mask, action_values = share(tokens), share(mask), share(action_values)
    with tf.GradientTape() as tape:
        logits = generator(tokens)
        if action_values.shape.rank == 3:
            losses = -tf.reduce_sum(tf.nn.softmax(logits) * tf.stop_gradient(action_values), -1)
        else:
            losses = _sampled_losses(logits, tokens, action_values, objective, statistics, old_log_probs)
        loss = tf.reduce_sum(losses * mask)
    _apply(generator, optimizer, tape, loss, clip_norm)
    return {"pg_loss": total(loss), "mean_reward": mean_reward}


def _sampled_losses(logits, tokens, action_values, objective, statistics, old_log_probs):
    """Returns the objective's loss of each sampled token, [B, T]."""
    log_probs, entropy = -token_nll(logits, tokens), None
    if getattr(objective, "entropy", False):
        every = tf.nn.log_softmax(logits)
        entropy = -tf.reduce_sum(tf.exp(every) * every, -1)
    return objective(
        log_probs=log_probs,
        old_log_probs=tf.stop_gradient(log_probs) if old_log_probs is None else share(old_log_probs),
        action_values=action_values,
        entropy=entropy,
        statistics=statistics,
    )


@on_replicas
def token_log_probs(generator, tokens):
    """Returns log G(y_t | Y_1:t-1) of tokens [B, T] int32: [B, T] float32, nats.

    Examples:
      >>> from seqgan_tf.models import Generator
      >>> generator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> token_log_probs(generator, tf.constant([[1, 2, 3]])).numpy().round(1)  # log 1/8 is -2.1
      array([[-1.9, -2. , -2.1]], dtype=float32)
    """
    return -token_nll(generator(tokens), tokens)


@on_replicas
def discriminator_step(discriminator, optimizer, tokens, labels, seed):
    """Updates the discriminator by cross entropy (paper, Eq. 5) plus its L2 penalty.

    Args:
      discriminator: models.Discriminator.
      optimizer: keras.optimizers.Optimizer, built for the discriminator's variables.
      tokens: [B, T] int32.
      labels: [B] int32, 1 for real and 0 for generated.
      seed: [2] int32, for dropout.

    Returns:
      {"d_loss": [], "d_accuracy": []}: the cross entropy, in nats per sequence and without the penalty, and the
      accuracy, both before the update and with dropout on.

    Examples:
      >>> import keras
      >>> from seqgan_tf.models import Discriminator
      >>> discriminator = Discriminator(vocab_size=8, embedding_dim=4, filter_widths=(1, 2), filter_counts=(3, 3))
      >>> optimizer = keras.optimizers.Adam(1e-4)
      >>> optimizer.build(discriminator.trainable_variables)
      >>> tokens, labels = tf.constant([[1, 2, 3], [4, 4, 4]]), tf.constant([1, 0])
      >>> metrics = discriminator_step(discriminator, optimizer, tokens, labels, seed=tf.constant([0, 1]))
      >>> {name: round(float(value), 2) for name, value in metrics.items()}
      {'d_loss': 0.69, 'd_accuracy': 0.5}
    """
    noise = share(discriminator.noise(tf.shape(tokens)[0], seed))
    tokens, labels = share(tokens), share(labels)
    with tf.GradientTape() as tape:
        logits = discriminator(tokens, training=True, noise=noise)
        if logits.shape.rank == 3:  # of every prefix
            labels = tf.repeat(labels[:, None], logits.shape[1], 1)
        cross_entropy = discriminator_loss(logits, labels)
        loss = (cross_entropy + tf.add_n(discriminator.losses)) / num_replicas()  # mean over replicas
    _apply(discriminator, optimizer, tape, loss, clip_norm=None)
    d_accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, -1, tf.int32), labels), tf.float32))
    return {"d_loss": total(cross_entropy) / num_replicas(), "d_accuracy": total(d_accuracy) / num_replicas()}


def mediator_step(mediator, optimizer, tokens, labels, seed, *, dropout):
    """Updates a mediator by maximum likelihood on real and generated sequences alike (CoT; Lu et al., 2019).

    Args:
      mediator: models.Generator.
      optimizer: keras.optimizers.Optimizer, built for the mediator's variables.
      tokens: [B, T] int32, half of them real in expectation.
      labels: [B] int32, which are real; a mediator learns from all.
      seed: [2] int32, for dropout.
      dropout: share of the mediator's embeddings and of its cell's outputs that is dropped.

    Returns:
      {"mediator_nll": []}: the loss before the update, in nats per token.

    Examples:
      >>> import keras
      >>> from seqgan_tf.models import Generator
      >>> mediator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> optimizer = keras.optimizers.Adam(0.01)
      >>> optimizer.build(mediator.trainable_variables)
      >>> tokens, labels = tf.constant([[1, 2, 3], [4, 4, 4]]), tf.constant([1, 0])
      >>> metrics = mediator_step(mediator, optimizer, tokens, labels, seed=tf.constant([0, 1]), dropout=0.0)
      >>> round(float(metrics["mediator_nll"]), 2)
      1.99
    """
    del labels
    return {"mediator_nll": mle_step(mediator, optimizer, tokens, None, dropout, seed=seed)["nll_train"]}


def _apply(model, optimizer, tape, loss, clip_norm):
    # Dense, because the norm of an embedding's sparse gradient is wrong if a token occurs twice.
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    if clip_norm is not None:
        # Clips the whole batch's gradient; Keras would clip each replica's before adding them up.
        gradients, _ = tf.clip_by_global_norm(total(gradients), clip_norm)
        gradients = [gradient / num_replicas() for gradient in gradients]  # the optimizer adds them up again
    if num_replicas() > 1 or not _is_plain_adam(optimizer):  # XLA cannot reduce over replicas
        optimizer.apply(gradients, model.trainable_variables)
        return
    weights = [variable.value for variable in model.trainable_variables]
    moments = [variable.value for variable in optimizer.variables[-2 * len(weights) :]]  # two of each weight
    constants = optimizer.beta_1, optimizer.beta_2, optimizer.epsilon
    rate = tf.convert_to_tensor(optimizer.learning_rate)
    _adam(weights, moments[::2], moments[1::2], gradients, optimizer.iterations.value, rate, *constants)
    optimizer.iterations.assign_add(1)


def _is_plain_adam(optimizer):
    """Whether an optimizer is keras.optimizers.Adam without options that `_adam` does not know."""
    options = "amsgrad", "use_ema", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "loss_scale_factor"
    options = *options, "gradient_accumulation_steps"
    return type(optimizer) is keras.optimizers.Adam and not any(getattr(optimizer, name) for name in options)


# The formulas of keras.optimizers.Adam. XLA fuses them into one pass, which takes a third of the time; it would slow
# down the convolutions. The variables are arguments, so that models of the same sizes share what has been compiled.
@tf.function(autograph=False, jit_compile=True)
def _adam(weights, first_moments, second_moments, gradients, iterations, learning_rate, beta_1, beta_2, epsilon):
    step = tf.cast(iterations + 1, tf.float32)
    alpha = learning_rate * tf.sqrt(1 - tf.pow(beta_2, step)) / (1 - tf.pow(beta_1, step))
    for weight, first, second, gradient in zip(weights, first_moments, second_moments, gradients, strict=True):
        first.assign_add((gradient - first) * (1 - beta_1))
        second.assign_add((tf.square(gradient) - second) * (1 - beta_2))
        weight.assign_sub(first * alpha / (tf.sqrt(second) + epsilon))
