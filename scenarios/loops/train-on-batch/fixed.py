"""Train with train_on_batch and follow the loss of each step in TensorBoard."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")

tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
tensorboard.set_model(model)

losses = []
for step in range(3):
    model.reset_metrics()  # Keras 3.3 returns the mean since the last reset
    losses.append(float(model.train_on_batch(x, y)))
    tensorboard.on_epoch_end(step, {"loss": losses[-1]})
tensorboard.on_train_end()
