"""The notary, what it publishes, and a witness."""
