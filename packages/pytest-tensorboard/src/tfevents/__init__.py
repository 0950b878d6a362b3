"""Event files: what TensorFlow, Keras, PyTorch and others write for TensorBoard, read in any process.

`framing` has the records and their checksums, `messages` the protocol buffers, `points` the summaries in one form,
`columns` the same at full speed.
"""

from tfevents.columns import Batches, Columns, read_columns
from tfevents.framing import LONGEST_RECORD, Damage, Records, read_records
from tfevents.points import Point, Points, read_points

__version__ = "0.1.0"

__all__ = [
    "LONGEST_RECORD",
    "Batches",
    "Columns",
    "Damage",
    "Point",
    "Points",
    "Records",
    "read_columns",
    "read_points",
    "read_records",
]
