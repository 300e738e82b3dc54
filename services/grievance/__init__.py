"""Grievances: the case from its acceptance to its close, one decider."""
