"""Log a loss with tensorboardX, and with what hyperparameters it came about."""

from tensorboardX import SummaryWriter
from tensorboardX.summary import hparams

losses = [0.75, 0.5, 0.25]

writer = SummaryWriter("logs/first")
for step, loss in enumerate(losses):
    writer.add_scalar("loss", loss, step)

metrics = {"best": min(losses)}
for summary in hparams({"rate": 0.1}, metrics):
    writer.file_writer.add_summary(summary)
writer.add_scalar("best", metrics["best"], 0)
writer.close()
