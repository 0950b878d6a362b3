"""Drive the TensorBoard callback by hand from a compiled training step."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")

tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
tensorboard.set_model(model)


@tf.function
def train_step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - model(x, training=True)))
    gradients = tape.gradient(loss, model.trainable_variables)
    model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


losses = []
for epoch in range(3):
    losses.append(float(train_step()))
    tensorboard.on_epoch_end(epoch, {"loss": losses[-1]})
tensorboard.on_train_end()
