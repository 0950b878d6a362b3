"""Log twenty losses, read them back, and count the checksums that Python computes."""

import cProfile
import pstats

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary import Writer

writer = Writer("logs")
for step in range(20):
    writer.add_scalar("loss", 1 / (step + 1), step)
writer.close()

events = EventAccumulator("logs", size_guidance={"tensors": 0})
profile = cProfile.Profile()
profile.runcall(events.Reload)
calls = {function[2]: times[0] for function, times in pstats.Stats(profile).stats.items()}
print("losses:", len(events.Tensors("loss")), "checksums in Python:", calls.get("crc_update", 0))
