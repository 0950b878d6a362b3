"""Train a model with fit and a TensorBoard callback."""

import keras
import numpy as np

x = np.random.RandomState(0).normal(size=(32, 4))
y = x.sum(axis=1, keepdims=True)

model = keras.Sequential(
    [keras.Input(shape=(4,)), keras.layers.Dense(1, kernel_initializer="ones")]
)
model.compile("sgd", "mse")

callback = keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
