"""What tests of the sums of reports share."""

from tests.models.conftest import serves, statements

__all__ = ["serves", "statements"]
