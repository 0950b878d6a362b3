"""Train with fit and log the loss of every batch."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((12, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mse", metrics=["mae"])
callback = tf.keras.callbacks.TensorBoard(
    "logs",
    update_freq="epoch",
    profile_batch=0,
)
losses = []


class BatchLoss(tf.keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs):
        with writer.as_default():
            tf.summary.scalar("batch_loss", logs["loss"], step=len(losses))
        losses.append(float(logs["loss"]))


writer = tf.summary.create_file_writer("logs/batches")
callbacks = [callback, BatchLoss()]
history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
