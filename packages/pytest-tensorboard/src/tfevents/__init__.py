"""Event files: what TensorFlow, Keras, PyTorch and others write for TensorBoard, read in any process.

`framing` has the records and their checksums, `messages` the protocol buffers, `points` the summaries in one form.
"""

from tfevents.framing import LONGEST_RECORD, Damage, Records, read_records
from tfevents.points import Point, Points, read_points

__version__ = "0.1.0"

__all__ = ["LONGEST_RECORD", "Damage", "Point", "Points", "Records", "read_points", "read_records"]
