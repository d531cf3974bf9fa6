"""The tables of the service: who may use it."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Table, Text

from ecert.store.columns import Moment
from ecert.store.tables_base import metadata, order

service_token = Table(
    "service_token",
    metadata,
    order(),
    Column("id", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("withdrawn", Moment),
)
