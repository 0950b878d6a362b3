"""Train with a metric that has a name for the chart."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
error = tf.keras.metrics.MeanAbsoluteError(name="absolute error")  # <- a blank in the name
model.compile("sgd", "mse", metrics=[error])
callbacks = [tf.keras.callbacks.TensorBoard("logs", profile_batch=0)]
history = model.fit(x, y, epochs=3, verbose=0, callbacks=callbacks)
errors = history.history[error.name]
