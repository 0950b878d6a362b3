"""A first try with TensorBoard, from last week."""

print("it works")
