"""From the click on "Start reading" to the first image in the reading room, and what of it the server answers."""

import time

from . import ct
from .browser import measured
from .demo import Demo
from .figures import spread, table, text
from .programs import until_idle

SLICES = 64
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
    arguments = [demo.address, "Bench, Lung", asked.repetitions]
    seconds = 120 + 60 * asked.repetitions
    found = measured(programs, "first_image.mjs", arguments, demo.passwords["rad1"], work / "browser.log", seconds)
    return {f"browser: {name}": values for name, values in (found or {}).items()}
