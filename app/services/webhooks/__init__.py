"""Telling somebody's server what has ended: kept with the end itself, sent afterwards by a worker."""
