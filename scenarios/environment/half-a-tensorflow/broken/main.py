"""Log three losses, with TensorBoard alone."""

from tensorboard.summary import Writer

writer = Writer("logs")  # <- a directory named tensorflow is found, with nothing in it
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()
