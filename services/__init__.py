"""The services: one folder each, never importing one another; they meet in contracts."""
