"""Tests of contracts/: what may stand on a topic."""
