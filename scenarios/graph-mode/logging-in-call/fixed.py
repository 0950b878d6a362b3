"""Watch the mean output of a custom log layer in TensorBoard."""

import random

import tensorflow as tf


class ShiftedLog(tf.keras.layers.Layer):
    def call(self, inputs):
        outputs = tf.math.log(inputs + 1.0)
        return outputs


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
inputs = tf.keras.Input(shape=(4,))
logged = ShiftedLog()(tf.keras.layers.Dense(8, activation="relu")(inputs))
model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(logged))
model.compile(optimizer="sgd", loss="mse")

tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
inner = tf.keras.Model(inputs, logged)
writer = tf.summary.create_file_writer("logs/layer")
means = []


def log_mean(epoch, logs):
    means.append(float(tf.reduce_mean(inner(x))))
    with writer.as_default():
        tf.summary.scalar("mean_log", means[-1], step=epoch)


log = tf.keras.callbacks.LambdaCallback(on_epoch_end=log_mean)
history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[tensorboard, log])
