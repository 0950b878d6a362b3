"""Train, and log to a directory; notes of the training are kept in a file."""

from pathlib import Path

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

Path("logs").write_text("started\n")  # <- the log directory has this name too
model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile("sgd", "mse")
board = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[board])
