"""One optimisation step each of generator and discriminator: tape, loss, gradients, apply."""

import tensorflow as tf

from seqgan_tf.losses import discriminator_loss, policy_gradient_loss, token_nll


@tf.function(autograph=False)
def mle_step(generator, optimizer, tokens, clip_norm):
    """Maximum likelihood on real sequences, tokens [B, T]: minimises the mean token NLL of the batch.

    Returns:
      {"nll_train": []}, nats per token.
    """
    with tf.GradientTape() as tape:
        mask = generator.mask(tokens)
        loss = tf.reduce_sum(token_nll(generator(tokens), tokens) * mask) / tf.reduce_sum(mask)
    _apply(generator, optimizer, tape, loss, clip_norm)
    return {"nll_train": loss}


@tf.function(autograph=False)
def policy_gradient_step(generator, optimizer, tokens, action_values, clip_norm):
    """REINFORCE on sampled sequences, tokens [B, T], with Q = action_values [B, T] (paper, Eq. 7-8).

    Returns:
      {"pg_loss": [], "mean_reward": []}: the loss summed over B and T, and the mean Q.
    """
    with tf.GradientTape() as tape:
        mask = generator.mask(tokens)
        loss = policy_gradient_loss(token_nll(generator(tokens), tokens) * mask, action_values)
    _apply(generator, optimizer, tape, loss, clip_norm)
    return {"pg_loss": loss, "mean_reward": tf.reduce_sum(action_values * mask) / tf.reduce_sum(mask)}


@tf.function(autograph=False)
def discriminator_step(discriminator, optimizer, tokens, labels, seed):
    """Cross entropy on tokens [B, T] with labels [B], 1 for real (paper, Eq. 5), and the L2 penalty.

    Args:
      seed: [2] int32, decides the dropout mask.

    Returns:
      {"d_loss": [], "d_accuracy": []}: the cross entropy in nats and the share of right answers, dropout on.
    """
    discriminator.reseed(seed)
    with tf.GradientTape() as tape:
        logits = discriminator(tokens, training=True)
        cross_entropy = discriminator_loss(logits, labels)
        loss = cross_entropy + tf.add_n(discriminator.losses)
    _apply(discriminator, optimizer, tape, loss, clip_norm=None)
    right = tf.equal(tf.argmax(logits, -1, tf.int32), labels)
    return {"d_loss": cross_entropy, "d_accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}


def _apply(model, optimizer, tape, loss, clip_norm):
    # Dense, because the norm of an embedding's sparse gradient is wrong where a token occurs twice.
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    if clip_norm is not None:
        gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
    _update(optimizer, model, gradients)


# Adam alone under XLA: fused into one pass it takes a third of the time; the convolutions would get slower.
@tf.function(autograph=False, jit_compile=True)
def _update(optimizer, model, gradients):
    optimizer.apply(gradients, model.trainable_variables)
