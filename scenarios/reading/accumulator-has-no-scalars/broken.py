"""Log three losses, and read them back."""

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary import Writer

writer = Writer("logs")
for step, loss in enumerate([0.75, 0.5, 0.25]):
    writer.add_scalar("loss", loss, step)
writer.close()

events = EventAccumulator("logs")
events.Reload()
losses = [event.value for event in events.Scalars("loss")]  # <- they are among the tensors
print("losses:", losses)
