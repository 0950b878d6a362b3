"""Train on JAX, and profile the second batch."""

import keras
import numpy as np

x = np.ones((12, 4), dtype="float32")
y = np.ones((12, 1), dtype="float32")

layer = keras.layers.Dense(1, kernel_initializer="zeros")
model = keras.Sequential([keras.Input(shape=(4,)), layer])
model.compile("sgd", "mse")
callback = keras.callbacks.TensorBoard("logs", profile_batch=2)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[callback])
