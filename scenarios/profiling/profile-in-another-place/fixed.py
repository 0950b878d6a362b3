"""Profile a training and ask TensorBoard which profiles it found."""

import json
import random
import time
from urllib.request import urlopen

import tensorflow as tf
from tensorboard import program

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")

callback = tf.keras.callbacks.TensorBoard("logs/first", profile_batch=2)
history = model.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=[callback])

board = program.TensorBoard()
board.configure(logdir="logs/first", port=0, load_fast="false")
url = board.launch()
while not json.load(urlopen(url + "data/runs")):
    time.sleep(0.1)
print("runs:", json.load(urlopen(url + "data/runs")))
print("profile tab:", json.load(urlopen(url + "data/plugins_listing"))["profile"]["enabled"])
