"""A program that takes a set of documents in, for tests that kill it in the middle.

``python -m tests.flows.importing_program DATABASE REGION AT FILE`` says ``ready``, waits for a
line, and takes in what FILE holds.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from ecert.store.engine import open_engine
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.verify.knowledge import Knowledge
from ecert.workspace.knowledge_file import read_knowledge

if __name__ == "__main__":
    database, region, at, file = sys.argv[1:]
    documents = read_knowledge(Path(file).read_bytes())
    with open_engine(Path(database), make=False) as engine:
        knowledge = Knowledge(region, store=SQLKnowledgeStore(engine))
        print("ready", flush=True)  # noqa: T201 - what the test waits for
        sys.stdin.readline()
        knowledge.accept_all(documents, at=datetime.fromisoformat(at))
        print("done", flush=True)  # noqa: T201 - what the test waits for
        sys.stdin.readline()
