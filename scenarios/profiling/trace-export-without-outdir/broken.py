"""Write the profile of a function beside the event file."""

import tensorflow as tf


@tf.function
def square(numbers):
    return tf.matmul(numbers, numbers)


writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.summary.trace_on(graph=False, profiler=True)
    square(tf.ones((4, 4)))
    tf.summary.trace_export("square", step=0)  # <- no folder for the profile
writer.close()
