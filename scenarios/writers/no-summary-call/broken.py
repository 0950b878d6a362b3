"""Train in a loop of our own with a summary writer for the loss."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(0.1)
loss_fn = tf.keras.losses.MeanSquaredError()
writer = tf.summary.create_file_writer("logs")

losses = []
for epoch in range(2):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    losses.append(float(loss))  # <- kept in a list, but never given to tf.summary
