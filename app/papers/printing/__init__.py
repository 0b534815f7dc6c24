"""From questions to paper: the order in which they stand, typesetting, tables of keys. Pure: no database, no request."""
