"""A history to look at: sketches over 90 days, and the way to be rid of them."""

from app.services.demo.making import history_is_empty, make_demo
from app.services.demo.removing import Removed, demo_keys, remove_demo

__all__ = ["Removed", "demo_keys", "history_is_empty", "make_demo", "remove_demo"]
