"""Where what was said is kept: the event log, its adapters, hashes, and the key vault."""
