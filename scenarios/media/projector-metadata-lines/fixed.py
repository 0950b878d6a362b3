"""Look at vectors and their names in the projector."""

from urllib.request import urlopen

import tensorflow as tf
from tensorboard import program
from tensorboard.plugins import projector

vectors = tf.Variable(tf.reshape(tf.range(12.0), (4, 3)))
names = ["red", "green", "blue", "black"]
tf.io.gfile.makedirs("logs")
with tf.io.gfile.GFile("logs/names.tsv", "w") as file:
    file.write("\n".join(names))

config = projector.ProjectorConfig()
config.model_checkpoint_path = tf.train.Checkpoint(vectors=vectors).save("logs/vectors.ckpt")
name = "vectors/.ATTRIBUTES/VARIABLE_VALUE"
config.embeddings.add(tensor_name=name, metadata_path="names.tsv")
projector.visualize_embeddings("logs", config)

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir", "logs", "--port", "0"])
url = server.launch() + "data/plugin/projector/"
question = "?run=.&name=" + name
numbers = urlopen(url + "tensor" + question).read()
labels = urlopen(url + "metadata" + question).read()
print(len(numbers) // 12, "vectors of 3 numbers")
print(len(labels.split(b"\n")), "lines of metadata, the first is", labels.split(b"\n")[0].decode())
