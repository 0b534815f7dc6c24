"""Quizzes: practice and tests taken on screen; attempts, answers, results."""
