"""Surveys: asking without marking. Who took part and what was answered are kept apart."""
