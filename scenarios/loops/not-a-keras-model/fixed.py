"""Train an agent in a loop of our own and hand its loss to the TensorBoard callback."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)


class Agent:
    def __init__(self):
        layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
        self.model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
        self.model.compile(optimizer="sgd", loss="mse")

    def learn(self):
        self.model.reset_metrics()  # Keras 3.3 returns the mean since the last reset
        return float(self.model.train_on_batch(x, y))


agent = Agent()
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
tensorboard.set_model(agent.model)

losses = []
for episode in range(3):
    losses.append(agent.learn())
    tensorboard.on_epoch_end(episode, {"loss": losses[-1]})
tensorboard.on_train_end()
