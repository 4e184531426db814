"""Pictures and their history out of the database into files, and back in.

docs/export.md describes the files for those who read them with other programs.
"""
