"""Train with a checkpoint every fourth step, lose the process, and go on from the checkpoint."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights, step = tf.Variable(tf.zeros((4, 1))), tf.Variable(0, dtype=tf.int64)
checkpoint = tf.train.Checkpoint(weights=weights, step=step)
losses = []


def train(run, last):
    writer = tf.summary.create_file_writer(run)
    while step < last:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
        weights.assign_sub(0.1 * tape.gradient(loss, weights))
        with writer.as_default():
            tf.summary.scalar("loss", loss, step=step)
        losses.append(float(loss))
        step.assign_add(1)
        if int(step) % 4 == 0:
            checkpoint.write("logs/checkpoint")
    writer.close()


train("logs", 6)  # ends here, two steps after the checkpoint
checkpoint.restore("logs/checkpoint")
train("logs", 9)  # <- writes steps 4 and 5 again, into the same run
first, second = losses[:6], losses[6:]
