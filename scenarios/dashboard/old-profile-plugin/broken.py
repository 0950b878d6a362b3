"""Profile a calculation, and ask TensorBoard which profiles there are."""

import json
from urllib.request import urlopen

import tensorflow as tf
from tensorboard import program

tf.profiler.experimental.start("logs")
tf.matmul(tf.ones((4, 4)), tf.ones((4, 4)))
tf.profiler.experimental.stop()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0"])
url = server.launch()
profiles = urlopen(url + "data/plugin/profile/tools")  # <- the plugin reads what nobody loads
print("profiles:", len(json.load(profiles)))
