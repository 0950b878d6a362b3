"""Print the loss with four decimals after every epoch and log it to TensorBoard."""

import random

import tensorflow as tf


class PrintLoss(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["loss"] = "%.4f" % logs["loss"]
        print("epoch", epoch, "loss", logs["loss"])


random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")

callbacks = [PrintLoss(), tf.keras.callbacks.TensorBoard("logs", profile_batch=0)]
history = model.fit(x, y, epochs=3, verbose=0, callbacks=callbacks)  # <- TensorBoard gets text
