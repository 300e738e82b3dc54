"""Intake: API, pages, receipts, and the page for residents."""
