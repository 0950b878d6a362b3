"""Evaluate the weights that were saved at steps 0, 100 and 200."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mse")
saved = {step: [[[step / 200]] * 4, [0.0]] for step in (0, 100, 200)}

losses = []
writer = tf.summary.create_file_writer("logs")
for step, weights in saved.items():
    model.set_weights([tf.constant(w).numpy() for w in weights])
    loss = model.evaluate(x, y, verbose=0)
    losses.append(loss)
    with writer.as_default():
        tf.summary.scalar("evaluation_loss", loss, step=step)
writer.close()
