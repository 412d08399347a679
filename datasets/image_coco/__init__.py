"""The builder is in image_coco_dataset_builder.py."""
