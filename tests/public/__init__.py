"""Public figures: what is withheld, and what anybody may read."""
