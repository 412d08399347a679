"""Vocabularies, corpora, batches and MIDI files."""
