"""Searches of a ledger of two million entries: what GraphQL takes, and from the click to the rows in Chromium."""

import json
import shutil
import subprocess
import time
from statistics import quantiles

from .api import Person
from .browser import measured
from .demo import Demo
from .figures import table, verdict
from .programs import REPOSITORY, until_idle

FILL = ["cargo", "bench", "--locked", "--workspace", "--features", "countersign/failpoints", "--bench", "ledger", "--",
        "fill"]
P95_MS = 300
LEDGER = """query($subject: ID, $patient: String, $person: String, $since: DateTime, $until: DateTime) {
  ledger(first: 50, subject: $subject, patient: $patient, person: $person, since: $since, until: $until) {
    nodes { index occurredAt recordedAt sentence actor subject service seq leaf } } }"""
# The filled ledger is a year from 1970 on; patient, people and case are those of the demo, whose few entries lie at its
# end, and of the archive.
SEARCHES = {
    "patient": {"patient": "DEMO-LUNG1"},
    "person": {"person": "Demo Quality"},
    "time": {"since": "1970-06-01T00:00:00Z", "until": "1970-06-01T12:00:00Z"},
    "person and time": {"person": "Demo Quality", "until": "2100-01-01T00:00:00Z"},
}
FIELDS = {
    "patient": {"Patient": "DEMO-LUNG1"},
    "person": {"Person, service or device": "Demo Quality"},
    "time": {"From": "1970-06-01T00:00", "Until": "1970-06-01T12:00"},
}


def measure(asked, programs, work):
    folder = work / "demo/db"
    if asked.ledger:
        shutil.copytree(asked.ledger, folder)
    else:
        folder.mkdir(parents=True)
        print("two million entries are being written (minutes) ...", flush=True)
        subprocess.run([*FILL, str(folder)], cwd=REPOSITORY, check=True)
    demo = Demo(asked, programs, work, asked.port + 80)
    quality = Person(demo.address, "quality", demo.passwords["quality"])
    until_idle(demo.program)
    repetitions = max(asked.repetitions, 20)
    archived = quality.ask(LEDGER, SEARCHES["time"])["ledger"]["nodes"][0]["subject"]
    by_http = SEARCHES | {"case": {"subject": archived}}
    in_page = FIELDS | {"case": {"Subject": archived}}
    found = {f"GraphQL, {kind}": [once(quality, wanted) for _ in range(repetitions)] for kind, wanted in by_http.items()}
    found |= in_browser(demo, programs, work, repetitions, in_page)
    rows = [[name, f"{percentile(values, 50):.0f}", f"{percentile(values, 95):.0f}"] for name, values in found.items()]
    print(f"\nmilliseconds, {repetitions} searches each of a ledger of two million entries:")
    table(["search", "median", "p95"], rows)
    passed = all(percentile(values, 95) <= P95_MS for values in found.values())
    print(verdict(passed, f"each p95 at most {P95_MS} ms"))
    return {"milliseconds": found, "passed": passed}


def once(quality, wanted):
    started = time.perf_counter()
    nodes = quality.ask(LEDGER, wanted)["ledger"]["nodes"]
    took = (time.perf_counter() - started) * 1000
    assert nodes, f"nothing was found by {wanted}"
    return took


def percentile(values, wanted):
    return quantiles(values, n=100, method="inclusive")[wanted - 1]


def in_browser(demo, programs, work, repetitions, searches):
    arguments = [demo.address, repetitions, json.dumps(searches)]
    seconds = 120 + 20 * repetitions
    found = measured(programs, "explorer.mjs", arguments, demo.passwords["quality"], work / "browser.log", seconds)
    return {f"Chromium, {kind}": values for kind, values in (found or {}).items()}
