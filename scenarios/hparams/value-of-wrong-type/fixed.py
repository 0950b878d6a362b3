"""Write the hyperparameters of a run."""

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import summary_v2 as hp
from tensorboard.summary.writer.event_file_writer import EventFileWriter

settings = {"rate": 0.1, "layers": [32, 16], "dropout": None}

writer = EventFileWriter("logs")
values = {name: value for name, value in settings.items() if value is not None}
values["layers"] = str(values["layers"])
summary = hp.hparams_pb(values, trial_id="first")
writer.add_event(Event(step=0, summary=summary))
writer.close()
print("written:", *values)
