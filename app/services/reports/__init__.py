"""Reports: what was made, with which words, for how much, and what failed; one a file.

Each takes a Question and returns a Report, the same for the API, the commands and the pages.
"""
