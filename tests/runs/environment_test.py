from seqgan_tf.runs.environment import environment


def test_versions_and_machine_are_named():
    found = environment()
    assert {"date", "python", "tensorflow", "keras", "numpy", "seqgan_tf", "cores", "processor"} <= set(found)
    assert found["cores"] >= 1 and found["threads"] >= 1
