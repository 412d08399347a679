"""Metrics as pure functions, and the catalogue that names them."""
