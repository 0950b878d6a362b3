"""Train with a loop of your own and log the loss of every step."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))

writer = tf.compat.v1.summary.FileWriter("logs")  # <- needs a graph and a session
losses = []
for step in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    losses.append(float(loss))
    value = tf.compat.v1.Summary.Value(tag="loss", simple_value=float(loss))
    writer.add_summary(tf.compat.v1.Summary(value=[value]), step)
writer.flush()
