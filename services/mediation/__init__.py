"""Mediation (调解): parties who agree to it, sessions, an agreement or another end, and its performance."""
