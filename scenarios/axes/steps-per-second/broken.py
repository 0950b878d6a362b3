"""Train and log how many steps a second there are."""

import time

import numpy as np
import tensorflow as tf

x = np.ones((8, 2), dtype="float32")
y = np.ones((8, 1), dtype="float32")

layer = tf.keras.layers.Dense(1, kernel_initializer="ones")
model = tf.keras.Sequential([tf.keras.Input(shape=(2,)), layer])
model.compile("sgd", "mse", run_eagerly=True)

callbacks = tf.keras.callbacks
slow = callbacks.LambdaCallback(on_batch_end=lambda batch, logs: time.sleep(0.5))
board = callbacks.TensorBoard(
    "logs",
    write_steps_per_second=True,
    update_freq="batch",  # <- at which step depends on the version
    profile_batch=0,
)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[slow, board])
