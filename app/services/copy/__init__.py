"""The whole of one database into another, of either kind."""

from app.services.copy.copying import copy_to

__all__ = ["copy_to"]
