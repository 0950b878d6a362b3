"""Train on measurements, one of which is missing, and look at the weights."""

import numpy as np
import tensorflow as tf

x = np.eye(4, dtype="float32")
x[2, 1] = np.nan
y = np.zeros((4, 2), dtype="float32")

model = tf.keras.Sequential([tf.keras.Input(shape=(4,))])
model.add(tf.keras.layers.Dense(2, name="dense", kernel_initializer="ones"))
model.compile(tf.keras.optimizers.SGD(0.1), loss="mse")

kept = []
keep = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
board = tf.keras.callbacks.TensorBoard("logs", histogram_freq=1, profile_batch=0)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[board, keep])  # <- NaN in x
kernels, biases = [w[0] for w in kept], [w[1] for w in kept]
