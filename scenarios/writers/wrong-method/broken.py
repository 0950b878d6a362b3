"""Log a loss with tensorboardX."""

from tensorboardX import SummaryWriter

losses = [0.75, 0.5, 0.25]

writer = SummaryWriter("logs")
for step, loss in enumerate(losses):
    writer.scalar_summary("loss", loss, step)  # <- the method of another class
writer.close()
