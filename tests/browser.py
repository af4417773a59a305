"""The Chromium that the browser tests drive."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A name that is not this machine's own, so that plain HTTP to it is no secure context.
    "--host-resolver-rules=MAP pincite.test 127.0.0.1",
]


expect.set_options(timeout=30_000)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start an installed Chromium or Chrome, or else Playwright's own; fail if there is none."""
    installed = next((path for name in _NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        if not installed and not Path(playwright.chromium.executable_path).exists():
            pytest.fail(
                "no Chromium for the browser tests: run 'make test', which installs one, or "
                "'tests/browser.sh .venv/bin', or install it (Debian: apt-get install chromium)"
            )
        browser = playwright.chromium.launch(executable_path=installed, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
