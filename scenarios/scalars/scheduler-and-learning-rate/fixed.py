"""Train with a learning rate that shrinks from epoch to epoch."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
model.compile(tf.keras.optimizers.SGD(0.1), "mse")
writer = tf.summary.create_file_writer("logs/rates")
rates = []


def next_rate(epoch):
    rates.append(0.1 / 2**epoch)
    with writer.as_default():
        tf.summary.scalar("rate", rates[-1], step=epoch)
    return rates[-1]


tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
scheduler = tf.keras.callbacks.LearningRateScheduler(next_rate)
callbacks = [tensorboard, scheduler]
history = model.fit(x, y, epochs=3, verbose=0, callbacks=callbacks)
writer.close()
