tensorboard --version  # <- TensorBoard 2.19 imports imghdr, which Python 3.13 has not
