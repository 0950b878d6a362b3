"""Train in a loop of our own and hand the loss of each epoch to the TensorBoard callback."""

import numpy as np
import tensorflow as tf

x = np.random.RandomState(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
optimizer = tf.keras.optimizers.SGD(0.1)
model.compile(optimizer=optimizer, loss="mse")

tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
tensorboard.set_model(model)

losses = []
for epoch in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    losses.append(float(loss))
    tensorboard.on_epoch_end(epoch, {"loss": loss})
tensorboard.on_train_end()
