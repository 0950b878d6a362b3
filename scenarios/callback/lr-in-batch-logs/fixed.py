"""Train with fit and log the learning rate of every batch."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
model.compile(tf.keras.optimizers.SGD(schedule), "mse")
rates = []
writer = tf.summary.create_file_writer("logs/own")


class Rates(tf.keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        rates.append(float(schedule(len(rates))))
        with writer.as_default():
            tf.summary.scalar("rate", rates[-1], step=len(rates))


callback = tf.keras.callbacks.TensorBoard("logs", update_freq="batch", profile_batch=0)
history = model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[callback, Rates()])
writer.close()
