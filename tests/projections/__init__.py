"""Tests of the read model: its fold, its tables, its figures."""
