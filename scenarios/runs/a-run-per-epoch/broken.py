"""Train epoch by epoch, and do something else between two epochs."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mse")
losses = []
for epoch in range(4):
    callback = tf.keras.callbacks.TensorBoard(f"logs/{epoch}", profile_batch=0)  # <- a run each
    history = model.fit(x, y, epochs=1, verbose=0, callbacks=[callback])
    losses += history.history["loss"]
    # here, for example, show a picture of what the model predicts
