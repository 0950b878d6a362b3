"""Train with a loop of your own and look, meanwhile, what has reached the event file."""

import tensorflow as tf

x = tf.reshape(tf.linspace(-1.0, 1.0, 32), (8, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
weights = tf.Variable(tf.zeros((4, 1)))
writer = tf.summary.create_file_writer("logs")
writer.set_as_default()

losses = []
for step in range(4):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
    weights.assign_sub(0.1 * tape.gradient(loss, weights))
    losses.append(float(loss))
    tf.summary.scalar("loss", loss, step=step)  # <- waits in the writer's queue
    records = tf.data.TFRecordDataset(tf.io.gfile.glob("logs/*"))
    print("losses in the file:", sum(b"loss" in record.numpy() for record in records))
writer.close()
