"""Train with fit and log a number of our own after each epoch."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
model.compile("sgd", "mse")
writer = tf.summary.create_file_writer("logs/own")
norms = []


def log_norm(epoch, logs):
    norms.append(float(tf.norm(model.get_weights()[0])))
    with writer.as_default():
        tf.summary.scalar("norm", norms[-1], step=epoch)  # <- recorded only if the callback says so


tensorboard = tf.keras.callbacks.TensorBoard("logs", update_freq=2, profile_batch=0)
own = tf.keras.callbacks.LambdaCallback(on_epoch_end=log_norm)
history = model.fit(x, y, batch_size=11, epochs=4, verbose=0, callbacks=[tensorboard, own])
writer.close()
