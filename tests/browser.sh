#!/bin/sh
# Bring the browser that the tests need: an installed one, else Debian's, else Playwright's own.
# Usage: tests/browser.sh VENV_BIN
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
"$1/python" -c '
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not pathlib.Path(p.chromium.executable_path).exists())' && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then as_root="sudo -n"; fi
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
    echo "Installing Debian's Chromium for the browser tests ..."
    $as_root apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
            chromium fonts-noto-cjk >/dev/null && exit 0
fi
echo "Installing Playwright's Chromium for the browser tests ..."
"$1/playwright" install --with-deps chromium || "$1/playwright" install chromium && exit 0
echo "The browser tests need Chromium and none could be installed." >&2
echo "Install one (Debian: apt-get install chromium fonts-noto-cjk) and run make test again." >&2
exit 1
