"""Train with fit and the TensorBoard callback."""

import tensorflow as tf

tf.keras.utils.set_random_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")

callback = tf.keras.callbacks.TensorBoard("logs")
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])  # <- needs tensorboard
