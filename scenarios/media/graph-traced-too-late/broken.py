"""Look at the graph of a function."""

import tensorflow as tf


@tf.function
def product(left, right):
    return tf.matmul(left, right)


writer = tf.summary.create_file_writer("logs")
numbers = tf.ones((4, 4))
product(numbers, numbers)  # <- traced here, before trace_on
tf.summary.trace_on(graph=True)
product(numbers, numbers)
with writer.as_default():
    tf.summary.trace_export("product", step=0)
writer.close()

files = tf.io.gfile.glob("logs/events*")
print("MatMul in the graph:", b"MatMul" in tf.io.gfile.GFile(files[0], "rb").read())
