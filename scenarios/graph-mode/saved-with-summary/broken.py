"""Log a histogram of what a layer of your own returns, and save the model."""

import tensorflow as tf

x = tf.ones((4, 4))
y = tf.zeros((4, 1))
writer = tf.summary.create_file_writer("logs")


class Watched(tf.keras.layers.Dense):
    def call(self, inputs):
        outputs = super().call(inputs)
        with writer.as_default():
            tf.summary.histogram("outputs", outputs, step=0)
        return outputs


model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), Watched(1, kernel_initializer="ones")])
model.compile("sgd", "mse")
model.fit(x, y, epochs=1, verbose=0)
writer.close()
tf.saved_model.save(model, "saved")  # <- the call of Watched needs the writer
