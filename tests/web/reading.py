"""A page as a browser reads it, and what no page may hold, whatever words it shows."""

from __future__ import annotations

from html.parser import HTMLParser

# Elements without an end.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
ADDRESSES = {"href", "src", "action", "formaction", "poster", "data", "xlink:href"}
# Where words cannot be set apart by an element; fields have `dir` of their own.
PLAIN = {"title", "option", "textarea"}
OVERRIDE = "\u202e"


class Reading(HTMLParser):
    """Reads HTML: `words` is all that it says, `faults` what in it is dangerous."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.faults: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    @property
    def words(self) -> str:
        """All texts and attributes, with a line between any two."""
        return "\n".join(self.said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.said += given.values()
        if tag not in VOID:
            self._open.append((tag, given))
        if tag in {"style", "iframe", "object", "embed", "base"}:
            self.faults.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append("a script that is not of ours")
        for name, value in given.items():
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.faults.append(f"{name}={value}")
            if name in ADDRESSES and not value.startswith(("/", "#", "?", "https://")) and value:
                self.faults.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if self._open and self._open[-1][0] == "script":
            self.faults.append(f"a script: {data}")
        if OVERRIDE in data and not self._is_apart():
            where = "/".join(name for name, _ in self._open)
            self.faults.append(f"words that turn what follows them round, in {where}")

    def _is_apart(self) -> bool:
        return any(
            name in {"bdi", *PLAIN} or "dir" in given
            for name, given in self._open
            if name != "html"
        )
