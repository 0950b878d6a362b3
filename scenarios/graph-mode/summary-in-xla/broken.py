"""Train with a loop of your own, whose step XLA compiles, and log the loss."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))


@tf.function(jit_compile=True)
def train_step(step):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    tf.summary.scalar("loss", loss, step=step)  # <- XLA cannot compile it
    return loss


losses = []
writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    for step in tf.range(3, dtype=tf.int64):
        loss = train_step(step)
        losses.append(float(loss))
writer.close()
