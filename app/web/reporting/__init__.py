"""The pages of reports: from what the URL asks to what a template shows; one report a file.

A page shows the numbers of app/services/reports, and none of its own.
"""
