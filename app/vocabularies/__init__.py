"""Facts to describe things with: subjects, grades, topics, levels, licences, types, provinces (dated)."""
