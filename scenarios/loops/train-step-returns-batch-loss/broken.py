"""Train a model with a train_step of its own and follow its loss in TensorBoard."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)


class Regression(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(1, kernel_initializer="zeros")

    def call(self, inputs):
        return self.dense(inputs)

    def train_step(self, data):
        features, targets = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(targets - self(features)))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        batch_losses.append(loss)
        return {"loss": loss}  # <- the loss of this batch alone


batch_losses = []
model = Regression()
model.compile(optimizer="sgd", run_eagerly=True)
tensorboard = tf.keras.callbacks.TensorBoard("logs", write_graph=False, profile_batch=0)
model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, callbacks=[tensorboard])
last = [float(loss) for loss in batch_losses[3::4]]
means = [np.mean(batch_losses[:4]), np.mean(batch_losses[4:])]
