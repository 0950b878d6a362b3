"""Train a model with fit and a TensorBoard callback."""

import random

import keras
import numpy as np
import tf_keras

random.seed(0)  # for the weights in Keras 3
x = np.random.RandomState(0).normal(size=(32, 4))
y = x.sum(axis=1, keepdims=True)

model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")

callback = tf_keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])  # <- two packages
