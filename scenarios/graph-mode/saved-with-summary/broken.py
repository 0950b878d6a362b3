"""Train a line that logs the mean of what it predicts, and save it."""

import tensorflow as tf


class Line(tf.Module):
    def __init__(self):
        super().__init__()
        self.slope = tf.Variable(0.0)

    @tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([], tf.int64)])
    def predict(self, x, step):
        y = self.slope * x
        with writer.as_default():
            tf.summary.scalar("mean", tf.reduce_mean(y), step=step)
        return y


writer = tf.summary.create_file_writer("logs")
x = tf.constant([1.0, 2.0, 3.0])
line = Line()
means = []
for step in range(3):
    means.append(float(tf.reduce_mean(line.predict(x, tf.constant(step, tf.int64)))))
    line.slope.assign_add(0.5)
writer.close()
tf.saved_model.save(line, "logs/model")  # <- the writer belongs to the graph, and cannot be saved
