"""Import TensorFlow 2.3 beside a TensorBoard that came two years later."""

import tensorflow as tf  # <- TensorBoard has brought protobuf 4

print(tf.__version__)
