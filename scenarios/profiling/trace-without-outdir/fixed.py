"""Write the graph and the profile of a function."""

import tensorflow as tf


@tf.function
def square(numbers):
    return tf.matmul(numbers, numbers)


writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.summary.trace_on(graph=True)
    tf.profiler.experimental.start("logs")
    square(tf.ones((4, 4)))
    tf.summary.trace_export("square", step=0)
    tf.profiler.experimental.stop()
writer.close()
