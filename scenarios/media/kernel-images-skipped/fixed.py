"""Train convolutions and look at their kernels as images."""

import numpy as np
import tensorflow as tf

x = np.linspace(0, 1, 162, dtype="float32").reshape(2, 9, 9, 1)
y = np.ones((2, 1), dtype="float32")

layers = tf.keras.layers
model = tf.keras.Sequential([tf.keras.Input(shape=(9, 9, 1))])
model.add(layers.Conv2D(4, (3, 2), use_bias=False, name="grey"))
model.add(layers.Conv2D(3, (2, 2), use_bias=False, name="three"))
model.add(layers.Conv2D(4, (2, 3), use_bias=False, name="four"))
model.add(layers.Conv2D(2, (2, 2), use_bias=False, name="two"))
model.add(layers.Reshape((4, 2, 2, 2)))
model.add(layers.Conv3D(3, (2, 2, 2), use_bias=False, name="solid"))
model.add(layers.Flatten())
model.add(layers.Dense(1, name="last"))
model.set_weights([np.linspace(0.1, 0.9, w.size).reshape(w.shape) for w in model.get_weights()])
model.compile(tf.keras.optimizers.SGD(1e-12), loss="mse")

callbacks = tf.keras.callbacks
board = callbacks.TensorBoard("logs", 1, write_images=True, profile_batch=0)
history = model.fit(x, y, epochs=1, verbose=0, callbacks=[board])
kernel = model.get_layer("two").get_weights()[0]
filters = kernel.transpose(3, 2, 0, 1).reshape(-1, 2, 2, 1)
with tf.summary.create_file_writer("logs/kernels").as_default():
    tf.summary.image("two", filters, step=0, max_outputs=len(filters))
pictures = [filters]
