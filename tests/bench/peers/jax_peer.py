#!/usr/bin/env python3
"""The alternating training in JAX, both steps in one compiled function; see workload.py."""
import workload

options = workload.arguments(__doc__)
try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax
    from jax import lax
except ImportError as error:
    workload.missing(error)

rng = np.random.default_rng(0)
images, labels = workload.load(options)
images = images[..., None]
LAYOUT = ("NHWC", "HWIO", "NHWC")


def glorot(*shape):
    limit = np.sqrt(6 / (np.prod(shape[:-1]) + shape[-1]))
    return jnp.asarray(rng.uniform(-limit, limit, shape), jnp.float32)


def dense(inputs, outputs):
    return {"kernel": glorot(inputs, outputs), "bias": jnp.zeros(outputs)}


def linear(w, x):
    return x @ w["kernel"] + w["bias"]


def conv(kernel, x, padding):
    return lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=LAYOUT)


def flatten(x):
    return x.reshape(x.shape[0], -1)


class Published:
    def __init__(self):
        self.shared = {"conv": glorot(3, 3, 1, 32), "bias": jnp.zeros(32), "embedding": dense(32 * 26 * 26, 128)}
        self.decoder = dense(128, 784)

    @staticmethod
    def embed(w, x):
        return jax.nn.relu(linear(w["embedding"], flatten(jax.nn.relu(conv(w["conv"], x, "VALID") + w["bias"]))))

    @staticmethod
    def decode(w, code):
        return jax.nn.sigmoid(linear(w, code)).reshape(-1, 28, 28, 1)


class Convolutional:
    def __init__(self):
        blocks = [{"kernel": glorot(3, 3, a, b), "scale": jnp.ones(b), "shift": jnp.zeros(b)}
                  for a, b in ((1, 32), (32, 32), (32, 64), (64, 64))]
        self.shared = {"blocks": blocks, "embedding": dense(64 * 7 * 7, 128)}
        self.decoder = {"expand": dense(128, 64 * 7 * 7), "up": [{"kernel": glorot(4, 4, a, b), "bias": jnp.zeros(b)} for a, b in ((64, 32), (32, 1))]}

    @staticmethod
    def embed(w, x):
        for i, block in enumerate(w["blocks"]):
            x = conv(block["kernel"], x, "SAME")
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            x = jax.nn.relu((x - mean) * lax.rsqrt(variance + 1e-5) * block["scale"] + block["shift"])
            if i % 2:
                x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return jax.nn.relu(linear(w["embedding"], flatten(x)))

    @staticmethod
    def decode(w, code):
        def up(layer, x):
            return lax.conv_transpose(x, layer["kernel"], (2, 2), "SAME", dimension_numbers=LAYOUT) + layer["bias"]

        x = jax.nn.relu(linear(w["expand"], code)).reshape(-1, 7, 7, 64)
        return jax.nn.sigmoid(up(w["up"][1], jax.nn.relu(up(w["up"][0], x))))


net = Published() if options.net == "published" else Convolutional()
adam = optax.adam(1e-3, eps=1e-7)
classifier, decoder = {"shared": net.shared, "head": dense(128, 10)}, net.decoder
state = classifier, decoder, adam.init(classifier), adam.init(decoder)


def recreation_error(w, code, x):
    return jnp.mean((net.decode(w, code) - x) ** 2)


@jax.jit
def train(state, x, y):
    classifier, decoder, classifier_moments, decoder_moments = state

    def classifier_loss(w):
        code = net.embed(w["shared"], x)
        entropy = optax.softmax_cross_entropy_with_integer_labels(linear(w["head"], code), y).mean()
        return entropy - options.weight * recreation_error(decoder, code, x)

    loss, gradient = jax.value_and_grad(classifier_loss)(classifier)
    change, classifier_moments = adam.update(gradient, classifier_moments)
    classifier = optax.apply_updates(classifier, change)
    code = net.embed(classifier["shared"], x)
    error, gradient = jax.value_and_grad(recreation_error)(decoder, code, x)
    change, decoder_moments = adam.update(gradient, decoder_moments)
    return (classifier, optax.apply_updates(decoder, change), classifier_moments, decoder_moments), loss, error


def step(index):
    global state
    state, loss, error = train(state, images[index], labels[index])
    jax.block_until_ready((loss, error))


workload.measure(options, f"jax {jax.__version__}", step, len(images))
