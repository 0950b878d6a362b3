"""Log the loss of a batch that is shared by two replicas."""

import tensorflow as tf

config = tf.config.experimental
cpu = config.list_physical_devices("CPU")[0]
config.set_virtual_device_configuration(cpu, [config.VirtualDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])

x = tf.constant([[1.0], [2.0], [3.0], [4.0], [2.0], [2.0], [4.0], [4.0]])
dataset = tf.data.Dataset.from_tensor_slices(x).batch(4)
losses = [float(tf.reduce_mean(x[:4] ** 2)), float(tf.reduce_mean(x[4:] ** 2))]
writer = tf.summary.create_file_writer("logs")


def replica_step(batch):
    squares = tf.reshape(tf.square(batch), [-1])
    return tf.nn.compute_average_loss(squares, global_batch_size=4)


for step, batch in enumerate(strategy.experimental_distribute_dataset(dataset)):
    loss = strategy.run(replica_step, args=(batch,))
    loss = strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None)  # <- divides again
    with writer.as_default():
        tf.summary.scalar("loss", loss, step=step)
writer.close()
