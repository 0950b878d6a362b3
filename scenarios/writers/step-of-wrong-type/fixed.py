"""Train with a loop of your own inside tf.function and log the loss of every step."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
losses = tf.Variable(tf.zeros(3))
writer = tf.summary.create_file_writer("logs")


@tf.function
def train():
    with writer.as_default():
        for step in tf.range(3):  # int32
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
            weights.assign_sub(0.1 * tape.gradient(loss, weights))
            losses.scatter_nd_update([[step]], [loss])
            tf.summary.scalar("loss", loss, step=tf.cast(step, tf.int64))


train()
writer.close()
losses = losses.numpy()
