"""Train with a loop of your own and log the loss of every epoch."""

import tensorflow as tf

BATCHES = 4
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
writer = tf.summary.create_file_writer("logs")

means, last = [], []
for epoch in range(3):
    losses = []
    for batch in range(BATCHES):
        features, targets = x[batch::BATCHES], y[batch::BATCHES]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(targets - tf.matmul(features, weights)))
        weights.assign_sub(0.1 * tape.gradient(loss, weights))
        losses.append(loss)
    means.append(float(tf.reduce_mean(losses)))
    last.append(float(losses[-1]))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=epoch)  # <- the loss of the last batch
writer.close()
