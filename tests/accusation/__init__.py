"""Accusations through pages, and who cannot see them."""
