"""Names of files made from prompts, such as any file system, browser and header takes (pure)."""

from __future__ import annotations

import re
import unicodedata

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
}
NAMELESS = "image"
# Of UTF-8: 96 letters of Latin or 32 of Chinese, and the rest of the name stays below the 143 bytes
# that an encrypted file system leaves of the usual 255.
MOST_BYTES = 96
LONGEST_LOOK = 1_000  # characters of a prompt; more words than that are no name


def file_name(image_id: int, prompt: str, mime_type: str, kind: str = "") -> str:
    """Return the first words in their own script, the id and the ending of the type.

    Only letters and digits, with hyphens between, and the id makes it unique: so it is no path, no
    hidden file and no name that Windows keeps for itself. `kind` tells files of one image apart.
    """
    return _joined(_words(prompt), image_id, mime_type, kind)


def ascii_file_name(image_id: int, prompt: str, mime_type: str, kind: str = "") -> str:
    """Return the same in ASCII, for those who read nothing else."""
    plain = unicodedata.normalize("NFKD", _words(prompt).casefold())
    words = "-".join(re.findall("[a-z0-9]+", plain.encode("ascii", "ignore").decode()))
    return _joined(words, image_id, mime_type, kind)


def _joined(words: str, image_id: int, mime_type: str, kind: str) -> str:
    parts = [words or NAMELESS, str(image_id), kind]
    return "-".join(filter(None, parts)) + EXTENSIONS.get(mime_type, "")


def _words(prompt: str) -> str:
    text = unicodedata.normalize("NFC", prompt[:LONGEST_LOOK]).lower()
    kept = "".join(map(_in_a_name, text))
    return _cut("-".join(kept.split())).rstrip("-")


def _in_a_name(character: str) -> str:
    """Return a letter, a mark on one or a digit as it is, and a space for what parts words."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""  # joiners, soft hyphens, and what turns the direction of writing about
    return character if category[0] in "LMN" else " "


def _cut(text: str) -> str:
    """Return as much of a text as its bytes allow, and no letter without the marks that it bears."""
    whole = size = 0
    for index, character in enumerate(text):
        if not unicodedata.category(character).startswith("M"):
            whole = index
        size += len(character.encode())
        if size > MOST_BYTES:
            return text[:whole]
    return text
