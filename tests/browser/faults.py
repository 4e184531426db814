"""What a browser complains of, and whether a test meant it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

# Told by hand: in a page without an inline script nothing else sees a policy that only reports.
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
LOCAL = ("data:", "blob:", "about:")


class Faults:
    """Gathers the complaints of all pages of a test in `told`."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._expected: list[str] = []

    def watch(self, context: BrowserContext, address: str) -> None:
        """Gather what pages of `context` complain of, and what they ask elsewhere than at `address`."""
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.told.append(f"exception: {error.error}"))
        context.on("request", lambda request: self._request(request, address))
        context.on("response", self._response)

    def expect(self, part: str) -> None:
        """Say that something with these words will be told, once or more."""
        self._expected.append(part)

    def check(self) -> None:
        """Fail on what was told and not expected, and on what was expected and not told."""
        unmeant = [each for each in self.told if not any(part in each for part in self._expected)]
        missing = [part for part in self._expected if not any(part in each for each in self.told)]
        assert not unmeant, "\n".join(unmeant)
        assert not missing, f"expected, and not told: {missing}"

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.told.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _request(self, request: Request, address: str) -> None:
        if not request.url.startswith((f"{address}/", *LOCAL)):
            self.told.append(f"request to another address: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.told.append(f"answer {response.status}: {response.url}")
