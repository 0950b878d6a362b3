"""Train with a custom weighted loss and follow it in TensorBoard."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
target = tf.reduce_sum(x, axis=1, keepdims=True)
weight = tf.random.uniform((32, 1))


def weighted_mse(y_true, y_pred):
    target, weight = y_true[:, 0], y_true[:, 1]  # <- shape (batch,), but y_pred is (batch, 1)
    return tf.reduce_mean(weight * tf.square(target - y_pred))


model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer=tf.keras.optimizers.SGD(0.5), loss=weighted_mse)

errors = []


def error_by_hand(epoch, logs):
    errors.append(float(tf.reduce_mean(weight * tf.square(target - model(x)))))


check = tf.keras.callbacks.LambdaCallback(on_epoch_begin=error_by_hand)
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
y = tf.concat([target, weight], axis=1)
history = model.fit(x, y, epochs=5, verbose=0, callbacks=[check, tensorboard])
