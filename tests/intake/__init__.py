"""Intake: receipts, and the page for residents."""
