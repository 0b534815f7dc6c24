"""Lessons: draft, review, publish, versions, withdrawal. Bytes are in `files`, finding in `discovery`."""
