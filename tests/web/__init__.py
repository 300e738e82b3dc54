"""Tests of the kit that every page stands on."""
