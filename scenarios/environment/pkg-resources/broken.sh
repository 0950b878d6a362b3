tensorboard --version  # <- setuptools 82 has no pkg_resources
