"""``python -m ecert.conformance``: answers stdin on stdout until it ends."""

from __future__ import annotations

import sys

from ecert.conformance.door import serve

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
