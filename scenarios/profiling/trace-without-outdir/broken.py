"""Write the graph and the profile of a function."""

import tensorflow as tf


@tf.function
def square(numbers):
    return tf.matmul(numbers, numbers)


writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.summary.trace_on(graph=True, profiler=True)
    square(tf.ones((4, 4)))
    tf.summary.trace_export("square", step=0, profiler_outdir="logs")  # <- too late since 2.16
writer.close()
