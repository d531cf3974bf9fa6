"""Fetches what was configured, and nothing else: the only room that opens connections.

`addresses` says what may be fetched at all, `fetching` does it within bounds.
"""

from __future__ import annotations

from ecert.client.fetching import Bounds, Fetched, Request, Way, fetch, fetch_all

__all__ = ["Bounds", "Fetched", "Request", "Way", "fetch", "fetch_all"]
