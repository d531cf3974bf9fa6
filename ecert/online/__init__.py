"""The show service (亮证服务) of an issuing region: its rules, without network and database.

Holders deposit what they want to show, or open a code for a request; verifiers whom the lists
cover fetch it once, and say what for.  ``docs/formats/online-code.md`` is normative.
"""
