"""Train a model with two outputs, each with a loss of its own."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

inputs = tf.keras.Input(shape=(4,))
size = tf.keras.layers.Dense(1, kernel_initializer="zeros", name="size")(inputs)
weight = tf.keras.layers.Dense(1, kernel_initializer="zeros", name="weight")(inputs)
model = tf.keras.Model(inputs, {"size": size, "weight": weight})
model.compile("sgd", loss={"size": "mse", "weight": "mae"})  # <- which part is which

callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
targets = {"size": y, "weight": 2.0 * y}
history = model.fit(x, targets, epochs=3, verbose=0, callbacks=[callback])
