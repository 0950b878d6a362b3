"""Train with a callback, and again with a copy of it that logs into another directory."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")

first = tf.keras.callbacks.TensorBoard("logs/first", profile_batch=0)
before = model.fit(x, y, epochs=2, verbose=0, callbacks=[first])

second = tf.keras.callbacks.TensorBoard("logs/second", profile_batch=0)
after = model.fit(x, y, epochs=2, verbose=0, callbacks=[second])
