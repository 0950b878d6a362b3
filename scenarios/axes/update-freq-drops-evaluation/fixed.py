"""Train with validation and a point every second batch, then evaluate."""

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
    update_freq="epoch",
    profile_batch=0,
)
data = {"batch_size": 4, "verbose": 0, "callbacks": [callback]}
history = model.fit(x, y, epochs=4, shuffle=False, validation_data=(x, y), **data)
losses = [*history.history["val_loss"]]
losses.append(model.evaluate(x, y, **data))
