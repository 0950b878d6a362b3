"""Train with train_on_batch and call the hooks of the TensorBoard callback by hand."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile(optimizer="sgd", loss="mse")

tensorboard = tf.keras.callbacks.TensorBoard("logs", update_freq=1, profile_batch=0)
tensorboard.set_model(model)

losses = []
for step in range(3):
    tensorboard.on_train_batch_begin(step)
    model.reset_metrics()  # Keras 3.3 returns the mean since the last reset
    losses.append(float(model.train_on_batch(x, y)))
    tensorboard.on_train_batch_end(step, {"loss": losses[-1]})  # <- training never began
tensorboard.on_epoch_end(0, {"loss": losses[-1]})
