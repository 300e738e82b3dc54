"""Tests: each claim is in its test's docstring; `make test` runs them all."""
