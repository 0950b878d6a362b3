"""Train with a loop of our own and log which phase it is in."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
writer = tf.summary.create_file_writer("logs")

losses, phases = [], []
for step in range(4):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    losses.append(float(loss))
    phases.append("warm-up" if step < 2 else "training")
    rate = 0.01 if step < 2 else 0.1
    weights.assign_sub(rate * tape.gradient(loss, weights))
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=step)
        tf.summary.scalar("phase", phases[-1], step=step)  # <- a text, not a number
writer.close()
