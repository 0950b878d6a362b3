"""Train with a loop of your own and log the loss and a picture of the weights."""

import os

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((64, 256))
y = tf.random.normal((64, 256))
weights = tf.Variable(tf.random.normal((256, 256)))

losses = []
writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    for step in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(y - tf.matmul(x, weights)))
        weights.assign_sub(0.1 * tape.gradient(loss, weights))
        losses.append(float(loss))
        tf.summary.scalar("loss", loss, step=step)
        picture = tf.sigmoid(weights)[tf.newaxis, :, :, tf.newaxis]
        tf.summary.image("weights", picture, step=step)  # <- a whole picture in every step
writer.close()
size = sum(os.path.getsize(os.path.join("logs", name)) for name in os.listdir("logs"))
print("megabytes:", round(size / 1e6))
