"""The builder is in presidential_speeches_dataset_builder.py."""
