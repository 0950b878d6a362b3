"""Log four pictures in colour, made ready for the network as floats."""

import numpy as np
import tensorflow as tf

raw = np.arange(0, 240, dtype=np.uint8).reshape(4, 4, 5, 3)
pictures = [raw.astype("float32")]

writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    for step, batch in enumerate(pictures):
        tf.summary.image("pictures", batch, step, max_outputs=4)  # <- floats from 0 to 239
writer.close()
