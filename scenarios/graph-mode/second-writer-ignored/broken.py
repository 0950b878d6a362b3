"""Log the losses of training and of validation to two runs, from one compiled function."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
train_writer = tf.summary.create_file_writer("logs/train")
validation_writer = tf.summary.create_file_writer("logs/validation")


@tf.function
def log(loss, step):
    tf.summary.scalar("loss", loss, step=step)


train_losses, validation_losses = [], []
for step in tf.range(3, dtype=tf.int64):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y[8:] - tf.matmul(x[8:], weights)))
    validation_loss = tf.reduce_mean(tf.square(y[:8] - tf.matmul(x[:8], weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    with train_writer.as_default():
        log(loss, step)
    with validation_writer.as_default():
        log(validation_loss, step)  # <- the graph keeps the writer that it was made with
    train_losses.append(float(loss))
    validation_losses.append(float(validation_loss))
train_writer.close()
validation_writer.close()
