"""Fixtures that run real servers and a real browser for the tests."""
