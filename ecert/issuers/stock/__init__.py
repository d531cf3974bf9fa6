"""Stock taking (归集): licences that exist already come in, what is held is counted and told.

`existing` says what another system or a paper file knows of a licence, `states` reads its word for
the state, `importing` records it, `coverage` compares with the department's own count, `export`
gives catalogue and metadata as rows; `face` is what `Issuer.stock` is.
"""
