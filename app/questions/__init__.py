"""The question bank: kinds, versions, review, import and export. Taking questions lives in `quizzes`."""
