"""Accusations (检举控告): a family apart, outside the chain of whom they are about."""
