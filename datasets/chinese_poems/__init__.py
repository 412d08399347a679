"""The builder is in chinese_poems_dataset_builder.py."""
