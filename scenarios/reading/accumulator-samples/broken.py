"""Log thirty losses, and read them back."""

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary import Writer

writer = Writer("logs")
for step in range(30):
    writer.add_scalar("loss", 1 / (step + 1), step)
writer.close()

events = EventAccumulator("logs")  # <- keeps ten values of each tag
events.Reload()
steps = [event.step for event in events.Tensors("loss")]
print(len(steps), "of 30, the last one is", steps[-1])
