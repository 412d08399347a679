"""Moved to seqgan_tf.files."""

from seqgan_tf.files import check_new, handled_signals, new_folder, whole, write_file, write_json  # noqa: F401
