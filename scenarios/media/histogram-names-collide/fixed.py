"""Train two layers and look at the histograms of their weights."""

import numpy as np
import tensorflow as tf

x = np.eye(4, dtype="float32")
y = np.ones((4, 1), dtype="float32")

model = tf.keras.Sequential([tf.keras.Input(shape=(4,))])
model.add(tf.keras.layers.Dense(3, name="first"))
model.add(tf.keras.layers.Dense(1, name="second"))
model.set_weights([np.linspace(0, 0.5, w.size).reshape(w.shape) for w in model.get_weights()])
model.compile(tf.keras.optimizers.SGD(0.1), loss="mse")

writer = tf.summary.create_file_writer("logs/weights")


class Histograms(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        with writer.as_default():
            for layer in self.model.layers:
                for name, weight in zip(["kernel", "bias"], layer.get_weights()):
                    tf.summary.histogram(layer.name + "/" + name, weight, step=epoch)


kept = []
keep = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
board = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[board, keep, Histograms()])
kernels = {"first": [w[0] for w in kept], "second": [w[2] for w in kept]}
biases = {"first": [w[1] for w in kept], "second": [w[3] for w in kept]}
