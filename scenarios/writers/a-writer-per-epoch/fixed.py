"""Train with a loop of your own and log the loss of every epoch."""

import os
import time

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))

writer = tf.summary.create_file_writer("logs")
losses = []
for epoch in range(2):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    losses.append(float(loss))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=epoch)
    time.sleep(1)  # a real epoch takes longer
print("event files:", len(os.listdir("logs")))
