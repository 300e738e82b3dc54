"""People: erasure, legal holds, retention, the access log, and disclosure to auditors."""
