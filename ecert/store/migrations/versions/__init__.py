"""One module per revision, named ``r`` and its number; the newest is `ecert.store.tables.HEAD`."""
