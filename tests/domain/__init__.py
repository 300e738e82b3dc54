"""Tests of the rules, told as given, when, then."""
