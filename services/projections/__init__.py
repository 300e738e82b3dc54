"""Projections: read models, dashboards and exports, all derived from the events."""
