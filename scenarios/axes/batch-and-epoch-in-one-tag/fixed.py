"""Log the loss of every batch, and the mean of every epoch."""

import tensorflow as tf

BATCHES = 4
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
writer = tf.summary.create_file_writer("logs")

batch_losses, epoch_losses = [], []
for epoch in range(3):
    for batch in range(BATCHES):
        features, targets = x[batch::BATCHES], y[batch::BATCHES]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(targets - tf.matmul(features, weights)))
        weights.assign_sub(0.1 * tape.gradient(loss, weights))
        with writer.as_default():
            tf.summary.scalar("batch/loss", loss, step=len(batch_losses))
        batch_losses.append(float(loss))
    epoch_losses.append(sum(batch_losses[-BATCHES:]) / BATCHES)
    with writer.as_default():
        tf.summary.scalar("epoch/loss", epoch_losses[-1], step=epoch)
writer.close()
