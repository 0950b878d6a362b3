"""Train and log how many steps a second there are."""

import time

import numpy as np
import tensorflow as tf

x = np.ones((8, 2), dtype="float32")
y = np.ones((8, 1), dtype="float32")

layer = tf.keras.layers.Dense(1, kernel_initializer="ones")
model = tf.keras.Sequential([tf.keras.Input(shape=(2,)), layer])
model.compile("sgd", "mse", run_eagerly=True)
writer, rates = tf.summary.create_file_writer("logs/rates"), []


class Rates(tf.keras.callbacks.Callback):
    def on_batch_begin(self, batch, logs=None):
        self.began = time.time()

    def on_batch_end(self, batch, logs=None):
        rates.append(1 / (time.time() - self.began))
        with writer.as_default():
            tf.summary.scalar("steps_per_second", rates[-1], step=len(rates))


callbacks = tf.keras.callbacks
slow = callbacks.LambdaCallback(on_batch_end=lambda batch, logs: time.sleep(0.5))
board = callbacks.TensorBoard(
    "logs",
    write_steps_per_second=True,
    profile_batch=0,
)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[slow, Rates(), board])
