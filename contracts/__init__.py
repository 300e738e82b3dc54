"""What may be said: commands, events and figures as frozen models, one module a family."""
