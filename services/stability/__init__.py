"""Stability: nil returns, claims, certificates and restatements."""
