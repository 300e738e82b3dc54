"""Audit: replay from offset 0, decisions made again, figures recomputed, evidence bundles."""
