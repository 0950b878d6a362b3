"""Watch the mean output of a custom layer in TensorBoard."""

import random

import tensorflow as tf


class ShiftedLog(tf.keras.layers.Layer):
    def call(self, inputs):
        outputs = tf.math.log(inputs + 1.0)
        mean.assign(tf.reduce_mean(outputs))
        return outputs


def log_mean(epoch, logs):
    means.append(mean.numpy())
    with writer.as_default():
        tf.summary.scalar("mean_log", mean, step=epoch)


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
mean, means = tf.Variable(0.0), []
writer = tf.summary.create_file_writer("logs/layer")
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(8, activation="relu"), ShiftedLog()]
    + [tf.keras.layers.Dense(1)]
)
model.compile(optimizer="sgd", loss="mse")
log = tf.keras.callbacks.LambdaCallback(on_epoch_end=log_mean)
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[tensorboard, log])
