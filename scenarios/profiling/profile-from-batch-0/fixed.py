"""Train a model with fit and profile its first batches."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")

callback = tf.keras.callbacks.TensorBoard("logs", profile_batch="1,3")
history = model.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=[callback])
