"""Vocabularies, corpora, batches, MIDI files."""
