"""Tests of deploy/, of the Makefile and of the fixtures in tests/support."""
