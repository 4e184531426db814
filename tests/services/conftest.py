"""What tests of the services share."""

from tests.models.conftest import serves, statements

__all__ = ["serves", "statements"]
