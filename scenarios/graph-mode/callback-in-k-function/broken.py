"""Follow the mean activation of a hidden layer in TensorBoard while the model trains."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
inputs = tf.keras.Input(shape=(4,))
hidden = tf.keras.layers.Dense(8, activation="relu")(inputs)
model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(hidden))
model.compile(optimizer="sgd", loss="mse")

means = []
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
read = tf.keras.backend.function([inputs], [hidden], callbacks=[tensorboard])  # <- runs no callback


def log_hidden(epoch, logs):
    means.append(float(tf.reduce_mean(read([x])[0])))


log = tf.keras.callbacks.LambdaCallback(on_epoch_end=log_hidden)
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[tensorboard, log])
