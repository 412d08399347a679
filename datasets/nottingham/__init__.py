"""The builder is in nottingham_dataset_builder.py."""
