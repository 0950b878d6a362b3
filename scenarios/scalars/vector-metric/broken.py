"""Train a classifier with a recall metric of our own and the TensorBoard callback."""

import random

import tensorflow as tf


class Recall(tf.keras.metrics.Metric):
    def __init__(self, name="recall", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name="hits", shape=(3,), initializer="zeros")
        self.seen = self.add_weight(name="seen", shape=(3,), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        true = tf.one_hot(tf.cast(tf.reshape(y_true, [-1]), tf.int32), 3)
        predicted = tf.one_hot(tf.argmax(y_pred, axis=1), 3)
        self.hits.assign_add(tf.reduce_sum(true * predicted, axis=0))
        self.seen.assign_add(tf.reduce_sum(true, axis=0))

    def result(self):
        return self.hits / self.seen

    def reset_state(self):
        self.hits.assign(tf.zeros(3))
        self.seen.assign(tf.zeros(3))

    reset_states = reset_state  # its name in older versions


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((36, 4))
y = tf.range(36) % 3

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(3, "softmax")])
model.compile("sgd", "sparse_categorical_crossentropy", metrics=[Recall()])
callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, callbacks=[callback])  # <- recall is three numbers
