"""Log two tones, in two channels, as they come from a file of 16-bit samples."""

import numpy as np
import tensorflow as tf

RATE = 8000
time = np.arange(800) / RATE
left = 20000 * np.sin(2 * np.pi * np.outer([440, 880], time))
tones = np.stack([left, left / 2], axis=2).astype("int16")

samples = tones.astype("float32")  # <- from -20000 to 20000
with tf.summary.create_file_writer("logs").as_default():
    tf.summary.audio("tones", samples, RATE, step=0)

logged = [samples]
heard = tf.audio.decode_wav(tf.audio.encode_wav(samples[0], RATE)).audio.numpy()
print("at the limit:", int((np.abs(heard) > 0.99).sum()), "of", heard.size)
