"""Train on JAX with the TensorBoard callback."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)

model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")

callback = keras.callbacks.TensorBoard("logs")
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
