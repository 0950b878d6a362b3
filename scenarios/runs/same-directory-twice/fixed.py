"""Train the same model with two learning rates, and compare."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

histories, losses = {}, []
for name, rate in [("slow", 0.01), ("fast", 0.1)]:
    model = tf.keras.Sequential(
        [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
    )
    model.compile(tf.keras.optimizers.SGD(rate), "mse")
    callback = tf.keras.callbacks.TensorBoard(f"logs/{name}", profile_batch=0)
    histories[name] = model.fit(x, y, epochs=3, verbose=0, callbacks=[callback])
    losses += histories[name].history["loss"]
