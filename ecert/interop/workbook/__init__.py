"""Recognition lists as workbooks: a template, what offices write read into a list, and back.

The cells are read and written in `ecert.sheets`; here is what they mean.  Nothing is guessed:
whatever is taken for granted is told, and everything that is wrong is told at once, by cell.
"""
