"""What tests of copies share."""

from tests.services.check.conftest import history, serves

__all__ = ["history", "serves"]
