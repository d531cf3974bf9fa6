"""Services over HTTP: the clerk's page and its API, the show service; the one room with FastAPI."""
