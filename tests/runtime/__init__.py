"""Tests of runtime/: the kernel, workers, submission."""
