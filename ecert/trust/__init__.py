"""Whom to believe: pinned roots, trust lists, and the rules by which one replaces another.

`document` is the head that all signed documents share and `succession` what may replace what;
`signatures` proves an envelope against `roots`.  A `trust_list` registers a region's issuers and
their keys; `book` keeps what is in force, and `index` answers verification from it.
"""
