"""What tests of the services share."""

from tests.models.conftest import statements

__all__ = ["statements"]
