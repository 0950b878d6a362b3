"""Log the loss inside the step that two replicas run."""

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
    loss = tf.reduce_mean(tf.square(batch))
    return loss


with writer.as_default():
    for step, batch in enumerate(strategy.experimental_distribute_dataset(dataset)):
        loss = strategy.run(replica_step, args=(batch,))
        loss = strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None)
        tf.summary.scalar("loss", loss, step=step)
writer.close()
