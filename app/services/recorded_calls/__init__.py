"""Calls that programs make to a provider through us, each recorded as a generation.

It runs from before the provider is asked until what came back is kept: `begin`, then `keep` or `fail`.
"""

from app.services.recorded_calls.beginning import begin
from app.services.recorded_calls.call import Asked, Call
from app.services.recorded_calls.keeping import NotKept, fail, keep

__all__ = ["Asked", "Call", "NotKept", "begin", "fail", "keep"]
