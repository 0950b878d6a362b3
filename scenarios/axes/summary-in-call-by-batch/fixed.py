"""Train a layer and write a histogram of what it returns."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((16, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)


class Doubled(tf.keras.layers.Dense):
    def call(self, inputs):
        outputs = 2 * super().call(inputs)
        return outputs


model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), Doubled(1, kernel_initializer="zeros")])
model.compile("sgd", "mse")
callbacks = [tf.keras.callbacks.TensorBoard("logs", update_freq=2, profile_batch=0)]
writer = tf.summary.create_file_writer("logs/outputs")
seen = []


class Outputs(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        seen.append(model.predict(x, verbose=0))
        with writer.as_default():
            tf.summary.histogram("outputs", seen[-1], step=epoch)


callbacks.append(Outputs())
model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
