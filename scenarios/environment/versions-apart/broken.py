"""Log two pictures with TensorFlow 2.7 and a TensorBoard that came later."""

import tensorflow as tf

pictures = tf.ones((2, 4, 4, 1))

writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.summary.scalar("loss", 0.5, step=0)
    tf.summary.image("pictures", pictures, step=0)  # <- the code of TensorBoard, too new
writer.close()
