"""The auditor's tests: replays of real ledgers, clean and tampered with."""
