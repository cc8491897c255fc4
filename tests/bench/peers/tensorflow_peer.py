#!/usr/bin/env python3
"""The alternating training in TensorFlow, as two graph functions, with XLA or without; see workload.py."""
import os

import workload

options = workload.arguments(__doc__, xla="compile both steps with XLA")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import tensorflow as tf
except ImportError as error:
    workload.missing(error)

tf.config.threading.set_intra_op_parallelism_threads(options.threads)
tf.keras.utils.set_random_seed(0)
layers = tf.keras.layers


def published():
    shared = [layers.Conv2D(32, 3, activation="relu"), layers.Flatten(), layers.Dense(128, activation="relu")]
    return shared, [layers.Dense(784, activation="sigmoid"), layers.Reshape((28, 28, 1))]


def convolutional():
    def block(channels):
        return (layers.Conv2D(channels, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
                layers.ReLU())

    shared = [*block(32), *block(32), layers.MaxPool2D(), *block(64), *block(64), layers.MaxPool2D(), layers.Flatten(),
              layers.Dense(128, activation="relu")]
    return shared, [layers.Dense(64 * 7 * 7, activation="relu"), layers.Reshape((7, 7, 64)),
                    layers.Conv2DTranspose(32, 4, 2, "same", activation="relu"),
                    layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid")]


shared_layers, decoder_layers = published() if options.net == "published" else convolutional()
shared = tf.keras.Sequential([layers.Input((28, 28, 1)), *shared_layers])
head = tf.keras.Sequential([layers.Input((128,)), layers.Dense(10)])
decoder = tf.keras.Sequential([layers.Input((128,)), *decoder_layers])
cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
classifier_weights, decoder_weights = shared.trainable_variables + head.trainable_variables, decoder.trainable_variables
classifier_adam, decoder_adam = (tf.keras.optimizers.Adam(1e-3, epsilon=1e-7) for _ in range(2))
classifier_adam.build(classifier_weights)
decoder_adam.build(decoder_weights)


def recreation_error(code, x):
    return tf.reduce_mean(tf.square(decoder(code, training=True) - x))


@tf.function(jit_compile=options.xla)
def classifier_step(x, y):
    with tf.GradientTape() as tape:
        code = shared(x, training=True)
        loss = cross_entropy(y, head(code)) - options.weight * recreation_error(code, x)
    classifier_adam.apply_gradients(zip(tape.gradient(loss, classifier_weights), classifier_weights))
    return loss


@tf.function(jit_compile=options.xla)
def decoder_step(x):
    code = shared(x, training=True)
    with tf.GradientTape() as tape:
        loss = recreation_error(code, x)
    decoder_adam.apply_gradients(zip(tape.gradient(loss, decoder_weights), decoder_weights))
    return loss


images, labels = workload.load(options)
images = images[..., None]


def step(index):
    x, y = tf.constant(images[index]), tf.constant(labels[index])
    losses = classifier_step(x, y), decoder_step(x)
    for loss in losses:
        loss.numpy()  # waits for it


workload.measure(options, f"tensorflow {tf.__version__}{' xla' if options.xla else ''}", step, len(images))
