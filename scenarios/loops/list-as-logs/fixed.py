"""Train with train_on_batch and hand what it returns to the TensorBoard callback."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile(optimizer="sgd", loss="mse", metrics=["mae"])

tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
tensorboard.set_model(model)

losses, errors = [], []
for step in range(3):
    model.reset_metrics()  # Keras 3.3 returns the mean since the last reset
    loss, error = model.train_on_batch(x, y)
    losses.append(float(loss))
    errors.append(float(error))
    tensorboard.on_epoch_end(step, {"loss": loss, "mae": error})
tensorboard.on_train_end()
