"""Demo content of the first start: people, lessons, questions, quizzes and surveys, all our own."""
