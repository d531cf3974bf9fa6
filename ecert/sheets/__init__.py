"""Tables as offices write them: read from CSV and workbooks, written as workbooks, CSV, JSON.

This room knows nothing of licences.  Reading and writing workbooks needs the extra ``excel``.
"""
