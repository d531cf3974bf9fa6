"""The only room that touches raw cryptography.

From the bottom: `strict` (one parser for every untrusted byte string), `es256` and the closed
table of `suites`, `keys` and their `custody`, then the containers: `jws`, `sdjwt`, `cose`,
`envelope`.  Keys and algorithms always come from the caller, never from what is being opened.
"""
