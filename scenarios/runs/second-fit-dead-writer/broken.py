"""Train twice with a layer that writes a histogram of what it returns."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((12, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)


class Noted(tf.keras.layers.Dense):
    def call(self, inputs):
        outputs = super().call(inputs)
        tf.summary.histogram("outputs", outputs)
        return outputs


model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), Noted(1, kernel_initializer="zeros")])
model.compile("sgd", "mse")
histories = {}
for name in ("first", "second"):
    callback = tf.keras.callbacks.TensorBoard(f"logs/{name}", update_freq=1, profile_batch=0)
    histories[name] = model.fit(x, y, verbose=0, callbacks=[callback])  # <- traced for the first
