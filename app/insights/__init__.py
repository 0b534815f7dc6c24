"""Figures for people who steer: what the answers say of quizzes and questions."""
