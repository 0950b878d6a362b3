"""Log how the scores of three sentences are spread, which are not of one length."""

import tensorflow as tf

scores = tf.ragged.constant([[0.1, 0.5], [0.25], [0.75, 0.5, 1.0]])
numbers = [scores.flat_values]

with tf.summary.create_file_writer("logs").as_default():
    tf.summary.histogram("scores", scores, step=0)  # <- rows of several lengths
