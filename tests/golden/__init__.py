"""Golden files: a record or message of each released type, in bytes that must load for ever."""
