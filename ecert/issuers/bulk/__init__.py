"""Licences by the hundred thousand: a list of applications read, checked and issued.

`headings` and `columns` say what the columns of a list are, `cells` and `holders` read them,
`applications` checks each row against its licence type, `duplicates` finds a licence that
stands in the list twice.
"""
