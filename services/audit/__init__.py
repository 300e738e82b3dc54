"""The audit: history replayed from offset 0, every decision made again, every figure computed again."""
