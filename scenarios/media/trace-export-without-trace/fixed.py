"""Look at the graphs of two functions."""

import tensorflow as tf


@tf.function
def product(left, right):
    return tf.matmul(left, right)


@tf.function
def difference(left, right):
    return tf.subtract(left, right)


numbers = tf.ones((4, 4))
with tf.summary.create_file_writer("logs").as_default():
    tf.summary.trace_on(graph=True)
    product(numbers, numbers)
    tf.summary.trace_export("product", step=0)
    tf.summary.trace_on(graph=True)
    difference(numbers, numbers)
    tf.summary.trace_export("difference", step=0)
