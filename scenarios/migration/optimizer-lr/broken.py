"""Train a model with fit and log the learning rate of every epoch."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(tf.keras.optimizers.Adam(0.05), "mse")


class WithLearningRate(tf.keras.callbacks.TensorBoard):
    def on_epoch_end(self, epoch, logs=None):
        rate = float(self.model.optimizer.lr.numpy())  # <- Keras 3 has learning_rate only
        rates.append(rate)
        super().on_epoch_end(epoch, {**(logs or {}), "lr": rate})


rates = []
callback = WithLearningRate("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
