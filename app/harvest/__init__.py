"""The feed in: repositories of partners, what was harvested from them, how it became lessons here."""
