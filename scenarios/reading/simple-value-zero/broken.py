"""Log three losses, and read them back."""

import glob

import tensorflow as tf

with tf.summary.create_file_writer("logs").as_default():
    for step, loss in enumerate([0.75, 0.5, 0.25]):
        tf.summary.scalar("loss", loss, step)

losses = []
for event in tf.compat.v1.train.summary_iterator(glob.glob("logs/events*")[0]):
    for value in event.summary.value:
        losses.append(value.simple_value)  # <- the field of TensorFlow 1
print("losses:", losses)
