"""Train with an optimizer for kernels and one for biases, and log their learning rates."""

import numpy as np
import tensorflow as tf

x = np.ones((8, 2), dtype="float32")
y = np.ones((8, 1), dtype="float32")

layer = tf.keras.layers.Dense(1, kernel_initializer="ones")
model = tf.keras.Sequential([tf.keras.Input(shape=(2,)), layer])
optimizers = tf.keras.optimizers
kernels = optimizers.SGD(0.1, name="kernels")
biases = optimizers.SGD(0.01, name="biases")
optimizer = optimizers.MultiOptimizer(optimizers.OptimizerMap(biases, {".*/kernel": kernels}))
model.compile(optimizers.LossScaleOptimizer(optimizer), "mse")
writer = tf.summary.create_file_writer("logs/rates")


class Rates(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        with writer.as_default():
            rate = float(optimizer.learning_rate)  # <- whose rate?
            tf.summary.scalar("rate", rate, step=epoch)


board = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[board, Rates()])
