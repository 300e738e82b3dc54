"""Aid requests: checks, proposals, approval by a second person, disbursement; each fund's own stream."""
