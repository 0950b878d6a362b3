"""Train with fit and callbacks that a function makes."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
model.compile("sgd", "mse")


def make_callback():
    callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
    print("logging to", callback.log_dir)
    return callback


history = model.fit(x, y, epochs=2, verbose=0, callbacks=[make_callback()])
