"""Log three losses, with TensorBoard alone."""

from tensorboard.summary import Writer

writer = Writer("logs")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()
