tensorboard --version  # <- generated for protobuf 3, and protobuf 4 is installed
