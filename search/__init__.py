"""The search socket: one port, several engines. Knows nothing of the app, of Flask or of SQLAlchemy."""
