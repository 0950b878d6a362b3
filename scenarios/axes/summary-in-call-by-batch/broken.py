"""Train a layer and write a histogram of what it returns."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((16, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)


class Doubled(tf.keras.layers.Dense):
    def call(self, inputs):
        outputs = 2 * super().call(inputs)
        tf.summary.histogram("outputs", outputs)  # <- step and condition are read once
        return outputs


model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), Doubled(1, kernel_initializer="zeros")])
model.compile("sgd", "mse")
callbacks = [tf.keras.callbacks.TensorBoard("logs", update_freq=2, profile_batch=0)]
model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
