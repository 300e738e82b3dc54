"""Aid and funds through the whole system."""
