"""Lessons: drafted, reviewed, published, versioned, withdrawn. Bytes are in `files`, search in `discovery`."""
