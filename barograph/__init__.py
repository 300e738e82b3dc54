"""The composition root and the command line: where services, logs and stores are put together."""
