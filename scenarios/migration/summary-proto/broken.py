"""Train with train_on_batch and log the loss of every step."""

import random

import numpy as np
import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = np.random.RandomState(0).normal(size=(32, 4))
y = x.sum(axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")

callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
callback.set_model(model)

losses = []
for step in range(3):
    loss = model.train_on_batch(x, y)
    losses.append(float(loss))
    summary = tf.Summary()  # <- a message of TensorFlow 1
    summary.value.add(tag="loss", simple_value=loss)
    callback.writer.add_summary(summary, step)
callback.writer.close()
