"""A script that measures in Chromium, when the package of the browser story is installed."""

import json
import subprocess

from .programs import REPOSITORY

PACKAGE = REPOSITORY / "tests/browser"


def measured(programs, script, arguments, password, log, seconds):
    """What a script of `benches` prints as its last line, read as JSON; None without the package."""
    if not (PACKAGE / "node_modules/playwright-core").is_dir():
        print(f"no browser figures: run `npm ci` in {PACKAGE.relative_to(REPOSITORY)} first", flush=True)
        return None
    command = ["node", REPOSITORY / "benches" / script, *arguments]
    browser = programs.start(command, log, {"BENCH_PASSWORD": password})
    try:
        browser.wait(seconds)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"the browser doesn't end: {log.read_text()[-2000:]}") from None
    programs.stop(browser)
    if browser.returncode != 0:
        raise SystemExit(f"the browser failed: {log.read_text()[-2000:]}")
    return json.loads(log.read_text().splitlines()[-1])
