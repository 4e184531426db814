"""Backups of the database: taken while it is in use, checked, and put back."""
