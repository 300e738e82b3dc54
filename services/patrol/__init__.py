"""Patrol shifts: rosters, points, check-ins, also those made without a network, and coverage."""
