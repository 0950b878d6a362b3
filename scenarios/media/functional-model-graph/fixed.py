"""Draw the graph of a model as the dashboard does, and log how many layers are connected."""

import json

import tensorflow as tf
from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def

inputs = tf.keras.Input(shape=(4,))
hidden = tf.keras.layers.Dense(3)
model = tf.keras.Sequential([inputs, hidden, tf.keras.layers.Dense(1)])

graph = keras_model_to_graph_def(json.loads(model.to_json()))
connected = [sum(bool(node.input) for node in graph.node)]
with tf.summary.create_file_writer("logs").as_default():
    tf.summary.scalar("connected", connected[0], step=0)
