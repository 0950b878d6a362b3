"""Train two embeddings and give each its names in the projector."""

import numpy as np
import tensorflow as tf

x = [np.array([[0], [1], [2], [3]]), np.array([[2], [1], [0], [1]])]
y = np.ones((4, 2), dtype="float32")

layers = tf.keras.layers
inputs = [tf.keras.Input(shape=(1,)), tf.keras.Input(shape=(1,))]
words = layers.Embedding(4, 2, embeddings_initializer="ones", name="words")(inputs[0])
users = layers.Embedding(3, 2, embeddings_initializer="ones", name="users")(inputs[1])
model = tf.keras.Model(inputs, layers.Flatten()(layers.add([words, users])))
model.compile("sgd", loss="mse")

names = {"words": "words.tsv", "users": "users.tsv"}
board = tf.keras.callbacks.TensorBoard(
    "logs", embeddings_freq=1, embeddings_metadata=names, profile_batch=0
)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[board])
