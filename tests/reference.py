"""The models a second time, in plain NumPy and float64, from the paper's equations."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def log_softmax(logits):
    largest = logits.max(-1, keepdims=True)
    return logits - largest - np.log(np.exp(logits - largest).sum(-1, keepdims=True))


def lstm_logits(weights, tokens, start_token=0):
    """Logits [B, T, V] of an LSTM language model with Keras's weights, gates in the order i, f, c, o."""
    embedding, kernel, recurrent, bias, out_kernel, out_bias = [np.asarray(w, np.float64) for w in weights]
    batch_size, length = tokens.shape
    hidden_dim = recurrent.shape[0]
    h = c = np.zeros([batch_size, hidden_dim])
    logits = np.zeros([batch_size, length, len(out_bias)])
    for b in range(batch_size):
        h = c = np.zeros(hidden_dim)
        for t in range(length):
            x = embedding[start_token if t == 0 else tokens[b, t - 1]]
            z = x @ kernel + h @ recurrent + bias
            i, f, g, o = (z[k * hidden_dim : (k + 1) * hidden_dim] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            logits[b, t] = h @ out_kernel + out_bias
    return logits


def gru_hidden(weights, embedded):
    """Hidden states [B, T, H] of a GRU over embedded [B, T, E], with Keras's weights, gates in the order z, r, h."""
    kernel, recurrent, (bias, recurrent_bias) = [np.asarray(w, np.float64) for w in weights]
    h = np.zeros([len(embedded), len(recurrent)])
    hidden = []
    for t in range(embedded.shape[1]):
        of_input = np.split(embedded[:, t] @ kernel + bias, 3, -1)
        of_state = np.split(h @ recurrent + recurrent_bias, 3, -1)
        z, r = (sigmoid(of_input[gate] + of_state[gate]) for gate in (0, 1))
        h = z * h + (1 - z) * np.tanh(of_input[2] + r * of_state[2])
        hidden.append(h)
    return np.stack(hidden, 1)


def token_nll(logits, tokens):
    log_probabilities = log_softmax(np.asarray(logits, np.float64))
    nll = np.zeros(tokens.shape)
    for b in range(tokens.shape[0]):
        for t in range(tokens.shape[1]):
            nll[b, t] = -log_probabilities[b, t, tokens[b, t]]
    return nll


def gradients(function, weights, epsilon=1e-6):
    """Central differences of a function of a list of float64 arrays."""
    weights = [np.array(w, np.float64) for w in weights]
    result = []
    for weight in weights:
        gradient = np.zeros_like(weight)
        for index in np.ndindex(weight.shape):
            value = weight[index]
            weight[index] = value + epsilon
            above = function(weights)
            weight[index] = value - epsilon
            below = function(weights)
            weight[index] = value
            gradient[index] = (above - below) / (2 * epsilon)
        result.append(gradient)
    return result


def discriminator_logits(discriminator, tokens):
    """Logits [B, 2] of models.Discriminator without dropout, from its weights, ReLU before the maximum."""
    embedded = np.asarray(discriminator.embedding.embeddings, np.float64)[tokens]  # [B, T, E]
    features = []
    for layer in discriminator.convolutions:
        kernel, bias = (np.asarray(w, np.float64) for w in layer.get_weights())  # [width, E, F], [F]
        width = kernel.shape[0]
        windows = [
            np.einsum("bwe,wef->bf", embedded[:, start : start + width], kernel) + bias
            for start in range(tokens.shape[1] - width + 1)
        ]
        features.append(np.maximum(windows, 0.0).max(0))
    features = np.concatenate(features, -1)
    gate_kernel, gate_bias = discriminator.transform_gate.get_weights()
    gate = sigmoid(features @ np.float64(gate_kernel) + gate_bias)
    kernel, bias = discriminator.transform.get_weights()
    highway = gate * np.maximum(features @ np.float64(kernel) + bias, 0.0) + (1.0 - gate) * features
    kernel, bias = discriminator.output_layer.get_weights()
    return highway @ np.float64(kernel) + bias


def all_sequence_probabilities(weights, vocab_size, length, temperature=1.0):
    """Every sequence [V^T, T] and its probability [V^T] under an LSTM language model."""
    sequences = np.array(list(np.ndindex(*[vocab_size] * length)))
    logits = lstm_logits(weights, sequences) / temperature
    return sequences, np.exp(-token_nll(logits, sequences).sum(1))


def all_ended_sequence_probabilities(generator, vocab_size, length):
    """As above for a generator with an end token: ended sequences are filled with 0, and each stands there once."""
    sequences = np.array(list(np.ndindex(*[vocab_size] * length)))
    ended = np.cumsum(sequences == generator.end_token, 1) - (sequences == generator.end_token) > 0
    sequences, ended = (rows[((sequences != 0) <= ~ended).all(1)] for rows in (sequences, ended))
    logits = lstm_logits(generator.get_weights(), sequences, generator.start_token)
    logits[:, :, [0, generator.start_token]] = -np.inf  # never predicted
    with np.errstate(invalid="ignore"):
        nll = np.where(ended, 0.0, token_nll(logits, sequences))
    return sequences, np.exp(-nll.sum(1))


def chi_square_p(counts, probabilities):
    """p-value of counts under probabilities; classes expected fewer than 5 times are put together."""
    import scipy.stats

    expected = counts.sum() * np.asarray(probabilities, np.float64)
    rare = expected < 5
    observed, expected = (np.append(x[~rare], x[rare].sum()) for x in (counts.astype(float), expected))
    observed, expected = observed[expected > 0], expected[expected > 0]
    return scipy.stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue
