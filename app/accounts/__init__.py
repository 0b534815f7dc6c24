"""People, organisations, classes, roles, sign-in and tokens."""
