"""Train with fit and the TensorBoard callback."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
model.compile("sgd", "mse")

callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
