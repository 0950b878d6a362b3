"""Import TensorFlow 2.3 beside a TensorBoard that came two years later."""

import tensorflow as tf

print(tf.__version__)
