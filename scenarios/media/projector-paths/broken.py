"""Look at vectors and their names in the projector."""

from urllib.error import HTTPError
from urllib.request import urlopen

import tensorflow as tf
from tensorboard import program
from tensorboard.plugins import projector

vectors = tf.Variable(tf.reshape(tf.range(12.0), (4, 3)))
tf.io.gfile.makedirs("logs")
with tf.io.gfile.GFile("logs/names.tsv", "w") as file:
    file.write("red\ngreen\nblue\nblack\n")
saved = tf.train.Checkpoint(vectors=vectors).save("logs/vectors.ckpt")

config = projector.ProjectorConfig()
config.model_checkpoint_path = "logs/vectors.ckpt"  # <- save has made it vectors.ckpt-1
name = "vectors/.ATTRIBUTES/VARIABLE_VALUE"
config.embeddings.add(tensor_name=name, metadata_path="names.tsv")
projector.visualize_embeddings("logs", config)

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir", "logs", "--port", "0"])
url = server.launch() + "data/plugin/projector/"
question = "?run=.&name=" + name
print("metadata:", len(urlopen(url + "metadata" + question).read()), "bytes")
try:
    print("tensor:", len(urlopen(url + "tensor" + question).read()), "bytes")
except HTTPError as error:
    print("tensor:", error.code, error.read().decode())
