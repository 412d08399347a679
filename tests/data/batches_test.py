import numpy as np

from seqgan_tf.data.batches import batches, labelled_batches, num_batches, subset
from seqgan_tf.data.corpus import IdFile

REAL = np.arange(22, dtype=np.int32).reshape(11, 2)
GENERATED = -REAL - 1
SEED = np.array([1, 2], np.int32)


def test_an_epoch_holds_every_sequence_once_but_for_the_last_partial_batch():
    epoch = np.concatenate([batch.numpy() for batch in batches(REAL, 4, SEED)])
    assert epoch.shape == (8, 2) and num_batches(11, 4) == 2
    rows = {tuple(row) for row in epoch}
    assert len(rows) == 8 and rows <= {tuple(row) for row in REAL}
    assert not np.array_equal(epoch, REAL[:8])


def test_the_seed_decides_the_order():
    first, same, other = ([b.numpy().tolist() for b in batches(REAL, 4, np.int32([1, s]))] for s in (2, 2, 3))
    assert first == same != other


def test_a_resumed_epoch_has_the_same_batches():
    whole = [batch.numpy().tolist() for batch in batches(REAL, 2, SEED)]
    assert [batch.numpy().tolist() for batch in batches(REAL, 2, SEED, start=3)] == whole[3:]
    assert list(batches(REAL, 2, SEED, start=5)) == []


def test_labels_stay_with_their_sequences_and_both_kinds_are_mixed():
    epoch = [(tokens.numpy(), labels.numpy()) for tokens, labels in labelled_batches(REAL, GENERATED, 4, [SEED])]
    assert len(epoch) == 5
    tokens, labels = (np.concatenate(part) for part in zip(*epoch, strict=True))
    np.testing.assert_array_equal(labels, tokens[:, 0] >= 0)
    assert labels.dtype == np.int32 and len({tuple(row) for row in tokens}) == 20
    assert sum(0 < part[1].sum() < 4 for part in epoch) >= 3


def test_several_epochs_follow_each_other_in_orders_of_their_own_from_any_batch_on():
    def as_lists(data):
        return [(tokens.numpy().tolist(), labels.numpy().tolist()) for tokens, labels in data]

    seeds = np.int32([1, 2]), np.int32([1, 3]), np.int32([1, 4])
    epochs = [as_lists(labelled_batches(REAL, GENERATED, 4, [seed])) for seed in seeds]
    assert epochs[0] != epochs[1] != epochs[2]
    whole = sum(epochs, [])
    for start in range(16):
        assert as_lists(labelled_batches(REAL, GENERATED, 4, seeds, start)) == whole[start:]


def test_files_give_the_same_batches_as_arrays(tmp_path):
    (tmp_path / "ids").write_bytes(REAL.tobytes())
    file = IdFile(tmp_path / "ids", 2)
    for from_file, from_array in zip(batches(file, 4, SEED), batches(REAL, 4, SEED), strict=True):
        np.testing.assert_array_equal(from_file, from_array)
        assert from_file.shape == from_array.shape == (4, 2)
    assert batches(file, 4, SEED).element_spec.shape == (4, 2)


def test_a_subset_is_drawn_without_replacement_by_its_seed():
    first, same, other = (subset(REAL, 6, np.int32([0, seed])) for seed in (1, 1, 2))
    assert first.shape == (6, 2) and len({tuple(row) for row in first}) == 6
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(subset(REAL, 11, SEED), REAL)
