"""Log the loss of training and of validation with tensorboardX, in one chart."""

from tensorboardX import SummaryWriter

train_losses = [0.75, 0.5, 0.25]
validation_losses = [0.875, 0.625, 0.5]

writer = SummaryWriter("logs")
for step, (train, validation) in enumerate(zip(train_losses, validation_losses)):
    writer.add_scalar("loss/train", train, step)
    writer.add_scalar("loss/validation", validation, step)
writer.close()
