"""The tables of the hall: how many checks there were, and which windows live."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from ecert.store.columns import Day, JSONText, Moment
from ecert.store.tables_base import metadata

# Numbers alone: nothing of a licence, of a holder or of a clerk.
check_tally = Table(
    "check_tally",
    metadata,
    Column("day", Day, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("window", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

window_sign = Table(
    "window_sign",
    metadata,
    Column("id", Text, primary_key=True),
    Column("window", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("software", Text, nullable=False),
    Column("token", Text),
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("ended", Moment),
    Column("synced", Moment),
    Column("expires", Moment),
    Column("lists", JSONText, nullable=False),
)
