"""Intake: API, pages, receipts."""
