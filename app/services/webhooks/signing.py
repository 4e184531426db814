"""How a receiver knows that a message is ours, unchanged and new.

By Standard Webhooks 1.0 (https://github.com/standard-webhooks/standard-webhooks, spec), which
receivers have libraries for: an HMAC-SHA256 over `id.timestamp.body`, with the bytes that stand in
base64 behind `whsec_` as its key, in the three headers below.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def signed_headers(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body, sent at `timestamp` (seconds since 1970).

    `message_id` stays the same when the message is sent again.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
