"""Bytes: staging, hashing, inspection, text. Not who may read them: the rooms that use a file say that."""
