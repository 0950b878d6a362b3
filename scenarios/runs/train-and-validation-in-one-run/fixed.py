"""Log the training loss and the validation loss of every epoch."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
x_val = tf.random.normal((16, 4))
y_val = tf.reduce_sum(x_val, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
writer = tf.summary.create_file_writer("logs/train")
val_writer = tf.summary.create_file_writer("logs/validation")

losses, val_losses = [], []
for epoch in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    val_loss = tf.reduce_mean(tf.square(y_val - tf.matmul(x_val, weights)))
    losses.append(float(loss))
    val_losses.append(float(val_loss))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=epoch)
    with val_writer.as_default():
        tf.summary.scalar("loss", val_loss, step=epoch)
writer.close()
val_writer.close()
