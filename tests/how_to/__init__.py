"""Tutorials: what they tell the reader to do is done."""
