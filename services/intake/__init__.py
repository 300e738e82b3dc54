"""Intake: forms and API that turn what somebody says into submissions; receipts; imports."""
