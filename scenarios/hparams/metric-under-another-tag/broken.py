"""Write two runs with their hyperparameters, and ask TensorBoard for the table."""

import json
import time
from urllib.request import urlopen

from tensorboard import program
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.hparams import summary_v2 as hp
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def write(run, *summaries):
    writer = EventFileWriter(run)
    for summary in summaries:
        writer.add_event(Event(step=0, summary=summary))
    writer.close()


metric = hp.Metric("accuracy")  # <- the curve has the tag epoch_accuracy
write("logs", hp.hparams_config_pb(hparams=[hp.HParam("rate")], metrics=[metric]))
for run, rate, accuracy in [("first", 0.1, 0.75), ("second", 0.5, 0.5)]:
    values = hp.hparams_pb({"rate": rate}, trial_id=run)
    write("logs/" + run, values, scalar_pb("epoch_accuracy", accuracy))

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0", "--load_fast=false"])
url = server.launch() + "data/plugin/hparams/"
time.sleep(2)
rows = 'session_groups?request={"allowedStatuses":["STATUS_UNKNOWN"],"sliceSize":9}'
for row in json.load(urlopen(url + rows))["sessionGroups"]:
    print(row["name"], row["hparams"], [metric["value"] for metric in row["metricValues"]])
