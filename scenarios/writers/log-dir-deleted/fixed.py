"""Start with an empty log directory, train, and log the loss of every step."""

import shutil

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))

shutil.rmtree("logs", ignore_errors=True)
writer = tf.summary.create_file_writer("logs")
losses = []
for step in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    losses.append(float(loss))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=step)
writer.close()
