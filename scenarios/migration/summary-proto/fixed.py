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

writer = tf.summary.create_file_writer("logs")

losses = []
for step in range(3):
    loss = model.train_on_batch(x, y)
    losses.append(float(loss))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=step)
writer.close()
