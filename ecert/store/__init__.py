"""Databases behind the ports: the issuer's register, the verifier's knowledge, used codes.

The only room that imports SQLAlchemy.  `open_engine` opens one SQLite file, which may hold all
of it; `SQLRegister`, `SQLKnowledgeStore` and `SQLReplay` are handed the engine.  `tables` is the
schema, `faults` the one seam at which a database's errors become `StoreError`.
"""
