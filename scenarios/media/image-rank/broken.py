"""Log a picture of the data, a grey square of four by six pixels, as it comes from the data set."""

import numpy as np
import tensorflow as tf

digits = np.arange(96, dtype=np.uint8).reshape(4, 4, 6)
first = digits[0]

writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.summary.image("digit", first, step=0)  # <- two axes: height and width alone
writer.close()
