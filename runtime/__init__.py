"""How a service lives: the decider kernel, its hosts, settings, clocks."""
