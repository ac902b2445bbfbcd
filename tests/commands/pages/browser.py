"""A headless Chromium, driven by ChromeDriver over HTTP: https://www.w3.org/TR/webdriver2/."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that WebDriver gives an element's reference
# No sandbox, as CI runs as root; nothing that looks for the maker's hosts.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def lacking() -> str:
    """What there would have to be; empty where a browser can be driven."""
    if not any(shutil.which(each) for each in BROWSERS):
        return "no Chromium here (Debian: chromium)"
    return "" if shutil.which("chromedriver") else "no ChromeDriver here (Debian: chromium-driver)"


class Browser:
    """One window; a script's `arguments` are what is handed over with it."""

    def __init__(self, port: int, profile: Path) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        binary = next(filter(None, map(shutil.which, BROWSERS)))
        options = {"binary": binary, "args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self._session = ""
        self._session = self._call("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def open(self, page: Path, width: int = 1280, scheme: str = "light") -> None:
        self.chrome(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.chrome("Emulation.setEmulatedMedia", media="", features=features)
        self._call("/url", {"url": page.as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        return self._call("/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        self._call(f"/element/{self._element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._call(f"/element/{self._element(selector)}/value", {"text": text})

    def press(self, key: str) -> None:
        """Presses and lets go, wherever the focus is."""
        strokes = [{"type": each, "value": key} for each in ("keyDown", "keyUp")]
        self._call("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", selector
        )
        return found

    def complaints(self) -> list[str]:
        """What the console shows: errors, and all that the policy kept from being loaded or run."""
        return [each["message"] for each in self._call("/se/log", {"type": "browser"})]

    def picture(self, path: Path) -> None:
        """The whole page, as high as it is."""
        data = self.chrome("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(b64decode(data))

    def chrome(self, command: str, **parameters: object) -> Any:
        """A command of Chrome's own: https://chromedevtools.github.io/devtools-protocol/."""
        return self._call("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def close(self) -> None:
        self._call("", method="DELETE")
        self._connection.close()

    def _element(self, selector: str) -> str:
        found: str = self._call("/element", {"using": "css selector", "value": selector})[ELEMENT]
        return found

    def _call(self, path: str, body: Mapping[str, object] | None = None, method: str = "POST") -> Any:
        session = f"/{self._session}" if self._session else ""
        self._connection.request(
            method, f"/session{session}{path}", json.dumps(body) if body is not None else None
        )
        value = json.loads(self._connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{path}: {value['message']}")
        return value


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile in that folder; ended with the block."""
    command = ["chromedriver", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:  # noqa: S603
        try:
            assert driver.stdout
            port = next(found[1] for line in driver.stdout if (found := re.search(r"on port (\d+)\.", line)))
            browser = Browser(int(port), profile)
            yield browser
            browser.close()
        finally:
            driver.terminate()
