"""Write the profile of a function beside the event file."""

import tensorflow as tf


@tf.function
def square(numbers):
    return tf.matmul(numbers, numbers)


writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.profiler.experimental.start("logs")
    square(tf.ones((4, 4)))
    tf.profiler.experimental.stop()
writer.close()
