"""Train for two epochs, look at the result, and train for two more."""

import time

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mse")
callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
first = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
time.sleep(1)  # somebody looks at the result
second = model.fit(x, y, epochs=4, initial_epoch=2, verbose=0, callbacks=[callback])
losses = first.history["loss"] + second.history["loss"]
