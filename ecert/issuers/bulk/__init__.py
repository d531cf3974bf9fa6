"""Bulk work (批量): a whole file of applications or of moves, cut into shards.

A shard is planned, reserved and done.  Its serials and status indexes are durable before anything
is signed, and its licences, events, credentials and its own line in the ledger are recorded in one
transaction; so a shard that was broken off anywhere is done again and gives the same licences.
"""
