"""Train a model with a layer of our own and look at the graph of its layers."""

import numpy as np
import tensorflow as tf

x = np.eye(4, dtype="float32")
y = np.ones((4, 1), dtype="float32")


class Residual(tf.keras.layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, inputs):
        return inputs + self.inner(inputs)

    def get_config(self):
        return {**super().get_config(), "inner": tf.keras.layers.serialize(self.inner)}


inputs = tf.keras.Input(shape=(4,))
inner = tf.keras.layers.Dense(4, kernel_initializer="ones", name="inner")
hidden = Residual(inner, name="residual")(inputs)
outputs = tf.keras.layers.Dense(1, kernel_initializer="ones", name="dense")(hidden)
model = tf.keras.Model(inputs, outputs)
model.compile("sgd", loss="mse")
board = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, batch_size=4, epochs=1, verbose=0, callbacks=[board])
