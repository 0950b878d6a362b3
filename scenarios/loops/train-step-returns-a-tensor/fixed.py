"""Train a model with a train_step of its own and look at its predictions."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)


class Regression(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(1, kernel_initializer="zeros")
        self.mean = tf.keras.metrics.Mean(name="loss")
        self.prediction = tf.Variable(tf.zeros((8, 1)), trainable=False)

    def call(self, inputs):
        return self.dense(inputs)

    def train_step(self, data):
        features, targets = data
        with tf.GradientTape() as tape:
            output = self(features)
            loss = tf.reduce_mean(tf.square(targets - output))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.prediction.assign(output)
        self.mean.update_state(loss)
        return {"loss": self.mean.result()}

    @property
    def metrics(self):
        return [self.mean]


model = Regression()
model.compile(optimizer="sgd")
tensorboard = tf.keras.callbacks.TensorBoard("logs", write_graph=False, profile_batch=0)
options = {"batch_size": 8, "epochs": 2, "shuffle": False, "verbose": 0}
history = model.fit(x, y, callbacks=[tensorboard], **options)
