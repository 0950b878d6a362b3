"""Event files of every kind that TensorFlow and Keras write: run on several versions, they are the test data beside."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
tone = (0.5 * np.sin(np.linspace(0, 400, 800))).astype("float32").reshape(1, 800, 1)

with tf.summary.create_file_writer("logs/v2").as_default():
    for step in range(12):
        tf.summary.scalar("loss", 1 / (step + 1), step=step)
        tf.summary.scalar("accuracy", step / 12, step=step * 100)
    tf.summary.scalar("loss", float("nan"), step=3)
    for step in range(3):
        tf.summary.histogram("normal", rng.normal(size=500), step=step, buckets=5)
        tf.summary.image("noise", rng.rand(2, 4, 5, 3), step=step)
        tf.summary.audio("tone", tone, 8000, step=step)
        tf.summary.text("words", f"step {step}, äöü", step=step)
    tf.summary.histogram("constant", [1.0, 1.0], step=0)
    tf.summary.histogram("empty", [], step=0)
    tf.summary.text("table", [["a", "b"], ["c", "d"]], step=0)
    with tf.summary.experimental.summary_scope("own"):
        for name in ["float16", "bfloat16", "float64", "int8", "uint8", "int64", "bool", "complex64", "uint32"]:
            dtype = tf.as_dtype(name)
            tf.summary.write("as/" + name, tf.cast([1, 0, 1], dtype), step=0)
            tf.summary.write("one/" + name, tf.cast(1, dtype), step=0)
            tf.summary.write("same/" + name, tf.fill([20], tf.cast(1, dtype)), step=0)

with tf.compat.v1.Graph().as_default(), tf.compat.v1.Session() as session:
    merged = [
        tf.compat.v1.summary.scalar("loss", tf.constant(0.5)),
        tf.compat.v1.summary.histogram("weights", tf.constant(rng.normal(size=100))),
        tf.compat.v1.summary.image("noise", tf.constant(rng.rand(2, 4, 5, 1))),
        tf.compat.v1.summary.audio("tone", tf.constant(tone), 8000),
        tf.compat.v1.summary.text("words", tf.constant("old")),
        tf.compat.v1.summary.tensor_summary("tensor", tf.constant([[1.0, 2.0]])),
    ]
    writer = tf.compat.v1.summary.FileWriter("logs/v1", session.graph)
    options = tf.compat.v1.RunOptions(trace_level=tf.compat.v1.RunOptions.SOFTWARE_TRACE)
    for step in range(3):
        traced = tf.compat.v1.RunMetadata()
        writer.add_summary(session.run(tf.compat.v1.summary.merge(merged), options=options, run_metadata=traced), step)
    writer.add_run_metadata(traced, "traced")
    writer.add_session_log(tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START), 0)
    writer.close()

model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(2,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
callback = tf.keras.callbacks.TensorBoard("logs/keras", histogram_freq=1, update_freq=2, profile_batch=0)
x, y = rng.rand(16, 2), rng.rand(16, 1)
model.fit(x, y, batch_size=4, epochs=2, validation_data=(x, y), callbacks=[callback], verbose=0)
