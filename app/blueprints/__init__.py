"""Ma trận đề: how many questions of which topic, form and level; and the sets of questions that fulfil it."""
