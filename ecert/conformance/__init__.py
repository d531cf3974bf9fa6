"""The black-box door: one JSON question a line, one JSON answer a line.

For outside test corpora and other implementations: ``python -m ecert.conformance``; its
normative description is docs/formats/conformance.md.  Every operation is one small function
over the same rooms that the library itself uses, so that what holds here holds there.  Nothing
that a question contains is ever fetched, and the time is always the question's own.
"""
