"""Train with a penalty in the loss, and watch the penalty in TensorBoard."""

import itertools
import random

import tensorflow as tf


def penalty(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_pred), axis=-1)


def loss(y_true, y_pred):
    error = tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)
    logs = {"penalty": tf.reduce_mean(penalty(y_true, y_pred))}
    tensorboard.on_epoch_end(next(epochs), logs)  # <- runs while Keras builds its graph
    return error + 0.1 * penalty(y_true, y_pred)


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
epochs = itertools.count()
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss=loss)
history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[tensorboard])
