"""Notary: signed checkpoints over every topic, and the proofs that lead to them."""
