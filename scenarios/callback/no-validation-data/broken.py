"""Train with fit and measure the model on other data as well."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
x_val = tf.random.normal((16, 4))
y_val = tf.reduce_sum(x_val, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
model.compile("sgd", "mse", metrics=["mae"])

callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[callback])  # <- only the training data
print("loss and mae on other data:", model.evaluate(x_val, y_val, verbose=0))
