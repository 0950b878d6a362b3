"""Log the losses of two tasks that have each taken their own number of steps."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
loss = tf.reduce_mean(tf.square(y))
steps = [3, 4]
losses = [float(loss), float(loss)]

writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    for step in steps:
        tf.summary.scalar("loss", loss, step=step)
writer.close()
