"""Watch what a convolution makes of two pictures while the model trains."""

import random

import tensorflow as tf

random.seed(0)  # for the weights in Keras 3
tf.random.set_seed(0)
x = tf.random.uniform((16, 8, 8, 1))
y = tf.reduce_mean(x, axis=(1, 2))
inputs = tf.keras.Input(shape=(8, 8, 1))
layer = tf.keras.layers.Conv2D(1, 3, activation="sigmoid", kernel_initializer="ones")
outputs = tf.keras.layers.GlobalAveragePooling2D()(layer(inputs))
model = tf.keras.Model(inputs, outputs)
model.compile(optimizer="sgd", loss="mse")
features = tf.keras.Model(inputs, layer.output)
pictures = []
writer = tf.summary.create_file_writer("logs/features")


def log_features(epoch, logs):
    pictures.append(features(x[:2]).numpy())
    with writer.as_default():
        tf.summary.image("features", pictures[-1], step=epoch)


log = tf.keras.callbacks.LambdaCallback(on_epoch_end=log_features)
tensorboard = tf.keras.callbacks.TensorBoard("logs", profile_batch=0)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[tensorboard, log])
