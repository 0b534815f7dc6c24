"""Exchange formats around one internal model. Reading and writing tell, question by question, what was lost.

Pure: bytes in, rows out; no database, no request. Texts of messages are Vietnamese with their values,
translated by the caller.
"""
