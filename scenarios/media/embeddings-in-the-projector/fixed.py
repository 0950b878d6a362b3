"""Train two embeddings and look at them in the projector."""

import numpy as np
import tensorflow as tf
from tensorboard.plugins import projector

x = [np.array([[0], [1], [2], [3]]), np.array([[2], [1], [0], [1]])]
y = np.ones((4, 2), dtype="float32")

layers = tf.keras.layers
inputs = [tf.keras.Input(shape=(1,)), tf.keras.Input(shape=(1,))]
words = layers.Embedding(4, 2, embeddings_initializer="ones", name="words")(inputs[0])
users = layers.Embedding(3, 2, embeddings_initializer="ones", name="users")(inputs[1])
model = tf.keras.Model(inputs, layers.Flatten()(layers.add([words, users])))
model.compile("sgd", loss="mse")

board = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, batch_size=4, epochs=3, verbose=0, callbacks=[board])

config = projector.ProjectorConfig()
tensors = {}
for name in ["words", "users"]:
    tensors[name] = tf.Variable(model.get_layer(name).get_weights()[0])
    tensor_name = name + "/.ATTRIBUTES/VARIABLE_VALUE"
    config.embeddings.add(tensor_name=tensor_name, metadata_path=name + ".tsv")
tf.train.Checkpoint(**tensors).write("logs/vectors")
config.model_checkpoint_path = "logs/vectors"
projector.visualize_embeddings("logs", config)
