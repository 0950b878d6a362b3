"""Train a line that logs the mean of what it predicts, and save it."""

import tensorflow as tf


class Line(tf.Module):
    def __init__(self):
        super().__init__()
        self.slope = tf.Variable(0.0)

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def predict(self, x):
        return self.slope * x


writer = tf.summary.create_file_writer("logs")
x = tf.constant([1.0, 2.0, 3.0])
line = Line()
means = []
for step in range(3):
    means.append(float(tf.reduce_mean(line.predict(x))))
    with writer.as_default():
        tf.summary.scalar("mean", means[-1], step=step)
    line.slope.assign_add(0.5)
writer.close()
tf.saved_model.save(line, "logs/model")
