"""One of the workers: trains with its part of the data and logs its loss."""

import sys

import tensorflow as tf

worker = int(sys.argv[1])
x = tf.range(worker, 8, 2, dtype=tf.float32)
weight = tf.Variable(0.0)
writer = tf.summary.create_file_writer(f"logs/worker-{worker}")

for step in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(2 * x - weight * x))
    weight.assign_sub(0.01 * tape.gradient(loss, weight))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=step)
writer.close()
