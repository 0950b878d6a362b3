"""Train for three epochs and look at the weights as images."""

import numpy as np
import tensorflow as tf

x = np.eye(6, dtype="float32")
y = np.linspace(0, 1, 6, dtype="float32").reshape(6, 1)

layers = tf.keras.layers
model = tf.keras.Sequential([tf.keras.Input(shape=(6,))])
model.add(layers.Dense(3, name="tall"))
model.add(layers.Dense(4, name="wide"))
model.add(layers.Dense(1, name="last"))
model.set_weights([np.linspace(0, 0.5, w.size).reshape(w.shape) for w in model.get_weights()])
model.compile(tf.keras.optimizers.SGD(0.1), loss="mse")

board = tf.keras.callbacks.TensorBoard("logs", write_images=True, profile_batch=0)  # <- alone
kept = []
keep = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
history = model.fit(x, y, batch_size=6, epochs=3, verbose=0, callbacks=[board, keep])
seen = kept[::2]
kernels = {"tall": [w[0] for w in seen], "wide": [w[2] for w in seen], "last": [w[4] for w in seen]}
biases = {"tall": [w[1] for w in seen], "wide": [w[3] for w in seen], "last": [w[5] for w in seen]}
