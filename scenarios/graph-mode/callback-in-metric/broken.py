"""Watch the largest error of each epoch in TensorBoard."""

import itertools
import random

import tensorflow as tf


class LargestError(tf.keras.metrics.Metric):
    def __init__(self):
        super().__init__(name="largest_error")
        self.largest = self.add_weight(name="largest", shape=(), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        largest = tf.reduce_max(tf.abs(y_true - y_pred))
        self.largest.assign(tf.maximum(self.largest, largest))
        tensorboard.on_epoch_end(next(epochs), {"largest": largest})  # <- runs while tracing

    def result(self):
        return tf.identity(self.largest)


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
epochs = itertools.count()
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse", metrics=[LargestError()])
history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[tensorboard])
