"""Finding: what the index holds of lessons and questions, and one search over them."""
