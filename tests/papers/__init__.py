"""Files, redactions and corrections, through the pages of a running installation."""
