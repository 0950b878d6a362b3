"""Train a model with fit and profile three batches."""

import glob
import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")


class Look(tf.keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        profiles = glob.glob("logs/**/plugins/profile/*", recursive=True)
        print("after batch", batch + 1, "profiles on disk:", len(profiles))


callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=3)  # <- the third, not three
history = model.fit(x, y, batch_size=4, epochs=1, verbose=0, callbacks=[callback, Look()])
