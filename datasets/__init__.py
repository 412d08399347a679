"""Data sets as TFDS builders, a folder each. The name hides Hugging Face's package `datasets`; see the README."""
