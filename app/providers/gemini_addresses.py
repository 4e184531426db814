"""What stands in an address of Google's API: for those who ask it, and those who answer in its place."""

from __future__ import annotations

import re
from typing import Final

VERSION: Final = re.compile(r"v[0-9]{1,4}((alpha|beta)[0-9]{0,4})?")
GENERATE: Final = "generateContent"
STREAM: Final = "streamGenerateContent"
METHODS: Final = frozenset({GENERATE, STREAM})
