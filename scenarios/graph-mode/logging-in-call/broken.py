"""Watch the mean output of a custom log layer in TensorBoard."""

import random

import tensorflow as tf


class ShiftedLog(tf.keras.layers.Layer):
    def call(self, inputs):
        outputs = tf.math.log(inputs + 1.0)
        tf.summary.scalar("mean_log", tf.reduce_mean(outputs))  # <- no writer is open here
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
history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[tensorboard])
