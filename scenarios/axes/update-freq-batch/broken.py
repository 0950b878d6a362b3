"""Train with fit and log the loss of every batch."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((12, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mse", metrics=["mae"])
callback = tf.keras.callbacks.TensorBoard(
    "logs",
    update_freq="batch",  # <- a promise that few releases keep
    profile_batch=0,
)
callbacks = [callback]
history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
