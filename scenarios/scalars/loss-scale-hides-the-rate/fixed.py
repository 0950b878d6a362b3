"""Train with a schedule for the learning rate, and scale the loss for mixed precision."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((32, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer])
schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
optimizer = tf.keras.optimizers.SGD(schedule)
optimizer = tf.keras.mixed_precision.LossScaleOptimizer(optimizer)
model.compile(optimizer, "mse")
rates = [0.05, 0.025, 0.0125]


class Rate(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        with writer.as_default():  # one batch an epoch: this is the step of the optimizer
            tf.summary.scalar("rate", schedule(epoch + 1), step=epoch)


writer = tf.summary.create_file_writer("logs/rates")
callbacks = [tf.keras.callbacks.TensorBoard("logs", profile_batch=0), Rate()]
history = model.fit(x, y, epochs=3, verbose=0, callbacks=callbacks)
