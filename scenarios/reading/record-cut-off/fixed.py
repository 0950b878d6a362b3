"""Log three losses, and read the file while its last record is half-written."""

import glob
import os

import tensorflow as tf

with tf.summary.create_file_writer("logs").as_default():
    for step in range(3):
        tf.summary.scalar("loss", 1 / (step + 1), step)

path = glob.glob("logs/events*")[0]
os.truncate(path, os.path.getsize(path) - 5)  # as far as the writer has come

steps = []
try:
    for record in tf.data.TFRecordDataset(path):
        event = tf.compat.v1.Event.FromString(record.numpy())
        steps += [event.step for value in event.summary.value]
except tf.errors.DataLossError:  # the end of what is written so far
    pass
print("steps:", steps)
