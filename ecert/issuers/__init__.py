"""The issuer: what it grants, what it remembers, and what it publishes.

`lifecycle` says which moves a licence may make, `register` is the port that a database fulfils
(`memory` is a real one without a disk), `indexes` chooses status indexes.  The order of issuing
is always the same: reserve, record, sign, record; whatever is signed was durable before.
"""
