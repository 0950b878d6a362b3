"""Log the gradients of all weights after every epoch."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)
writer = tf.summary.create_file_writer("logs/gradients")
kernel_gradients, bias_gradients = [], []


class LogGradients(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        weights = self.model.trainable_weights
        loss = tf.reduce_mean(tf.square(y - self.model(x)))
        gradients = tf.gradients(loss, weights)  # <- needs a graph, as in TensorFlow 1
        kernel_gradients.append(gradients[0].numpy())
        bias_gradients.append(gradients[1].numpy())
        with writer.as_default():
            tf.summary.histogram("kernel", gradients[0], step=epoch)
            tf.summary.histogram("bias", gradients[1], step=epoch)


model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile(optimizer="sgd", loss="mse")
model.fit(x, y, epochs=2, shuffle=False, verbose=0, callbacks=[LogGradients()])
writer.close()
