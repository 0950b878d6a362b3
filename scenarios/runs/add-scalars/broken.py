"""Log the loss of training and of validation with tensorboardX, in one chart."""

from tensorboardX import SummaryWriter

train_losses = [0.75, 0.5, 0.25]
validation_losses = [0.875, 0.625, 0.5]

writer = SummaryWriter("logs")
for step, (train, validation) in enumerate(zip(train_losses, validation_losses)):
    losses = {"train": train, "validation": validation}
    writer.add_scalars("loss", losses, step)  # <- a run for each key
writer.close()
