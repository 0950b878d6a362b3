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

kept = []
keep = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
board = tf.keras.callbacks.TensorBoard("logs", histogram_freq=1, profile_batch=0)  # <- names repeat
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[board, keep])
kernels = {"first": [w[0] for w in kept], "second": [w[2] for w in kept]}
biases = {"first": [w[1] for w in kept], "second": [w[3] for w in kept]}
