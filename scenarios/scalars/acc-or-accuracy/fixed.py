"""Train a classifier and log its accuracy with a callback of our own."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.cast(tf.reduce_sum(x, axis=1, keepdims=True) > 0, tf.float32)

layer = tf.keras.layers.Dense(1, "sigmoid", kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
writer = tf.summary.create_file_writer("logs")


def log_accuracy(epoch, logs):
    accuracy = logs["accuracy"]
    with writer.as_default():
        tf.summary.scalar("accuracy", accuracy, step=epoch)


own = tf.keras.callbacks.LambdaCallback(on_epoch_end=log_accuracy)
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[own])
writer.close()
