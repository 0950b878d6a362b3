"""Train with a compiled step that logs its own loss."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
writer = tf.summary.create_file_writer("logs")


@tf.function
def train(step):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    with writer.as_default():
        tf.summary.scalar("loss", loss.numpy(), step=step)  # <- no value while TensorFlow traces
    return loss


losses = []
for step in tf.range(3, dtype=tf.int64):
    losses.append(float(train(step)))
writer.close()
