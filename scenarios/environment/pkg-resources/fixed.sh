tensorboard --version
