"""Watch the mean output of a custom layer in TensorBoard."""

import random

import tensorflow as tf


class ShiftedLog(tf.keras.layers.Layer):
    def call(self, inputs):
        outputs = tf.math.log(inputs + 1.0)
        logs = {"mean_log": tf.reduce_mean(outputs)}
        tensorboard.on_train_batch_end(0, logs)  # <- runs while Keras builds its graph
        return outputs


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(8, activation="relu"), ShiftedLog()]
    + [tf.keras.layers.Dense(1)]
)
model.compile(optimizer="sgd", loss="mse")
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[tensorboard])
