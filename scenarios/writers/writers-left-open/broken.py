"""Log the score of four folds of a cross-validation, each as a run of its own."""

import os

import tensorflow as tf


def open_event_files():
    files = [os.path.realpath("/proc/self/fd/" + number) for number in os.listdir("/proc/self/fd")]
    return sum("tfevents" in file for file in files)


scores = [0.5, 0.625, 0.75, 0.875]
writers = []
for fold, score in enumerate(scores):
    writer = tf.summary.create_file_writer("logs/fold-%d" % fold)
    writers.append(writer)
    with writer.as_default():
        tf.summary.scalar("score", score, step=0)
    writer.flush()  # <- written, and left open
print("event files that are open:", open_event_files())
