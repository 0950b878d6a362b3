"""Train twice, at two learning rates, and compare the runs."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.cast(tf.reduce_sum(x, axis=1, keepdims=True) > 0, tf.float32)


def train(log_dir, rate):
    layer = tf.keras.layers.Dense(1, "sigmoid", kernel_initializer="zeros")
    model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
    optimizer = tf.keras.optimizers.SGD(rate)
    area = tf.keras.metrics.AUC()  # <- auc the first time, auc_1 the second
    model.compile(optimizer, "binary_crossentropy", metrics=[area])
    callback = tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0)
    return model.fit(x, y, epochs=3, verbose=0, callbacks=[callback])


slow = train("logs/slow", 0.01)
fast = train("logs/fast", 0.1)
