"""From the click on "Start reading" to the first image in the reading room, and what of it the server answers."""

import json
import subprocess
import time

from . import ct
from .demo import Demo
from .figures import spread, table, text
from .programs import REPOSITORY, until_idle

SLICES = 64
PACKAGE = REPOSITORY / "tests/browser"
CASE = """query($id: ID!) { case(id: $id) {
  caseDigest study { studyInstanceUid }
  source { seriesInstanceUid instances { sopInstanceUid } }
  derived { seriesInstanceUid role instances { sopInstanceUid } }
} }"""
OPEN = "mutation($input: OpenCaseInput!) { openCase(input: $input) { refusal { message } } }"


def measure(asked, programs, work):
    demo = Demo(asked, programs, work, asked.port + 50)
    voxels, spacing = ct.resampled(SLICES)
    series = ct.Series(1, voxels, spacing, body_part="CHEST")
    print(f"a case of {SLICES} slices is being made (about a minute) ...", flush=True)
    demo.send(series)
    case, _ = demo.wait_for_case(series)
    until_idle(demo.program)
    over_http = [by_http(demo, case) for _ in range(asked.repetitions + 1)][1:]
    figures = {
        "HTTP: case": [one["case"] for one in over_http],
        "HTTP: case and first original slice": [one["first"] for one in over_http],
        "HTTP: case and every instance, one after the other": [one["all"] for one in over_http],
    } | in_browser(asked, programs, demo, work)
    print(f"\nseconds, a case of {SLICES} slices of 512 × 512 with its derived series, min / median / max:")
    table(["", "seconds"], [[name, text(spread(values), 3)] for name, values in figures.items()])
    return {"slices": SLICES, "seconds": {name: spread(values) for name, values in figures.items()}, "passed": True}


def by_http(demo, case):
    """What the browser asks for, without a browser."""
    demo.rad1.ask(OPEN, {"input": {"caseId": case}})
    started = time.monotonic()
    found = demo.rad1.ask(CASE, {"id": case})["case"]
    told = time.monotonic()
    first = None
    for series in [found["source"], *found["derived"]]:
        for instance in series["instances"]:
            demo.rad1.get(f"/dicom-web/studies/{found['study']['studyInstanceUid']}/series/"
                          f"{series['seriesInstanceUid']}/instances/{instance['sopInstanceUid']}")
            first = first or time.monotonic()
    return {"case": told - started, "first": first - started, "all": time.monotonic() - started}


def in_browser(asked, programs, demo, work):
    """With Chromium, when the package of the browser story is installed."""
    if not (PACKAGE / "node_modules/playwright-core").is_dir():
        print(f"no browser figures: run `npm ci` in {PACKAGE.relative_to(REPOSITORY)} first", flush=True)
        return {}
    log, password = work / "browser.log", demo.passwords["rad1"]
    command = ["node", REPOSITORY / "benches/first_image.mjs", demo.address, "Bench, Lung", asked.repetitions]
    browser = programs.start(command, log, {"BENCH_PASSWORD": password})
    try:
        browser.wait(120 + 60 * asked.repetitions)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"the browser doesn't end: {log.read_text()[-2000:]}") from None
    programs.stop(browser)
    if browser.returncode != 0:
        raise SystemExit(f"the browser failed: {log.read_text()[-2000:]}")
    measured = json.loads(log.read_text().splitlines()[-1])
    return {f"browser: {name}": values for name, values in measured.items()}
