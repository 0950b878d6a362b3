"""The TensorBoard cookbook: each mistake as a broken and a fixed script, run on real TensorFlow."""

__version__ = "0.1.0"
