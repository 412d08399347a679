from seqgan_tf.config.limits import near_miss


def test_a_word_unlike_any_known_one_gets_no_suggestion():
    assert near_miss("xyz", ["train", "list"]) == "" and "'list'" in near_miss("lsit", ["train", "list"])
