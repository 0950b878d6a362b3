"""Train in a loop of our own and hand the loss of each epoch to the TensorBoard callback."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(0.01)
loss_fn = tf.keras.losses.MeanSquaredError(reduction="none")
model.compile(optimizer=optimizer, loss=loss_fn)

callback = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
callback.set_model(model)

losses = []
for epoch in range(2):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    losses.append(loss.numpy())
    callback.on_epoch_end(epoch, {"loss": loss})
callback.on_train_end()
