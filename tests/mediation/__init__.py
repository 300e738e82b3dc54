"""Mediations through their pages."""
