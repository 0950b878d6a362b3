"""Show the vectors of four words in the projector."""

import os

import tensorflow as tf
from tensorboard.plugins import projector

os.makedirs("logs")
with open("logs/words.tsv", "w") as file:
    file.write("\n".join(["one", "two", "three", "four"]))

vectors = tf.Variable([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
tf.train.Checkpoint(embedding=vectors).save("logs/embedding.ckpt")

config = projector.ProjectorConfig()
embedding = config.embeddings.add()
embedding.tensor_name = "embedding/.ATTRIBUTES/VARIABLE_VALUE"
embedding.metadata_path = "words.tsv"
projector.visualize_embeddings("logs", config)
