"""Receipts as intake gives them, and the page for residents."""
