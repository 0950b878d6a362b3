"""Train on words and look at the histograms of the weights."""

import numpy as np
import tensorflow as tf

words = ["red", "green", "blue", "red"]
x = np.array(words).reshape(4, 1)
y = np.ones((4, 2), dtype="float32")

layers = tf.keras.layers
lookup = layers.experimental.preprocessing.TextVectorization(output_sequence_length=1)
lookup.adapt(np.array(words))
model = tf.keras.Sequential([tf.keras.Input(shape=(1,), dtype=tf.string), lookup])
model.add(layers.Embedding(5, 2, embeddings_initializer="ones", name="embedding"))
model.add(layers.Flatten())
model.compile("sgd", loss="mse")

board = tf.keras.callbacks.TensorBoard("logs", histogram_freq=1, profile_batch=0)  # <- the table
model.fit(x, y, batch_size=4, epochs=1, verbose=0, callbacks=[board])
vectors = [model.get_weights()[-1]]
