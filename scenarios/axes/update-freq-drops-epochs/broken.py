"""Train with a point every second batch, and histograms of the weights."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((12, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mse")
callback = tf.keras.callbacks.TensorBoard(
    "logs",
    update_freq=2,  # <- not every epoch ends at a multiple of 2
    histogram_freq=1,
    profile_batch=0,
)
history = model.fit(
    x,
    y,
    batch_size=4,
    epochs=4,
    shuffle=False,
    verbose=0,
    validation_data=(x, y),
    callbacks=[callback],
)
