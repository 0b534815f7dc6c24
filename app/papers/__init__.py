"""Đề in: forms with their mã đề, as PDF and with their keys, from a blueprint's sets of questions."""
