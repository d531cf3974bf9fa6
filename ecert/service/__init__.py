"""Services over HTTP: only what carries requests to the rules below; the one room with FastAPI."""
