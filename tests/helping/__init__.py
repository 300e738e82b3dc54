"""Tests of the pages of pairs and of employment help."""
