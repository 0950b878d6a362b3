"""Log a loss with tensorboardX, and with what hyperparameters it came about."""

from tensorboardX import SummaryWriter

losses = [0.75, 0.5, 0.25]

writer = SummaryWriter("logs/first")
for step, loss in enumerate(losses):
    writer.add_scalar("loss", loss, step)

metrics = {"best": min(losses)}
writer.add_hparams({"rate": 0.1}, metrics, name="hparams")  # <- a writer of its own
writer.close()
