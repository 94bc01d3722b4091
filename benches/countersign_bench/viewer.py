"""The reading room beside a bare Cornerstone3D page of four panes that shows the same files: both in one Chromium, in
turn. The bare page has its files from a plain server of files and knows no login, no digest and no difference. With
`--page` a page that was built without a binary is measured too, before the same server."""

import json
import subprocess

from . import ct
from .browser import PACKAGE
from .demo import Demo
from .figures import ratios, spread, table, text, verdict
from .first_image import CASE, OPEN
from .programs import REPOSITORY, listening, until, until_idle

VITE = REPOSITORY / "web-ui/node_modules/.bin/vite"
HERE = REPOSITORY / "benches/viewer"
DEFER = "mutation($input: DeferCaseInput!) { deferCase(input: $input) { refusal { message } } }"
SETTLE_MS = 1500
FIRST_AHEAD_S, COLD_RATIO, ALL_PANES_S, WHEEL_RATIO, GROWTH = 0.3, 1.2, 3.0, 0.9, 1.05


def measure(asked, programs, work):
    for needed, package in [(VITE, "web-ui"), (PACKAGE / "node_modules/playwright-core", "tests/browser")]:
        if not needed.exists():
            raise SystemExit(f"{needed} is missing: run `npm ci` in {package}")
    demo = Demo(asked, programs, work, asked.port + 60)
    cases = made_cases(asked, demo)
    bare = bare_page(asked, programs, work, demo, cases)
    rooms = {"ours": demo.address} | ({"page": served_page(asked, programs, work, demo)} if asked.page else {})
    found = in_browser(asked, programs, work, {
        "rooms": rooms, "bare": bare, "password": demo.passwords["rad1"],
        "patients": [f"BENCH-{number}" for number in range(1, len(cases) + 1)],
        "slices": asked.series, "steps": steps(asked), "cases": asked.cases,
        "repetitions": asked.repetitions, "settle_ms": SETTLE_MS,
    })
    return report(asked, found)


def steps(asked):
    """Reading begins in the middle: no more steps than slices lie beyond it."""
    return min(asked.steps, asked.series // 2 - 1)


def made_cases(asked, demo):
    """Two cases of as many slices as are asked for, and no other in the queue, so that each comes after the other."""
    own = demo.rad1.ask("{ worklist(first: 1) { nodes { id } } }")["worklist"]["nodes"][0]["id"]
    accepted(demo.rad1.ask(OPEN, {"input": {"caseId": own}}), "openCase")
    accepted(demo.rad1.ask(DEFER, {"input": {"caseId": own, "reason": "not measured"}}), "deferCase")
    voxels, spacing = ct.resampled(asked.series)
    cases = []
    for number in [1, 2]:
        series = ct.Series(number, voxels, spacing, body_part="CHEST")
        print(f"case {number} of {asked.series} slices is being made ...", flush=True)
        demo.send(series)
        case, _ = demo.wait_for_case(series, 3600)
        cases.append(case)
    until_idle(demo.program)
    return cases


def accepted(answer, mutation):
    refusal = answer[mutation]["refusal"]
    if refusal:
        raise SystemExit(f"{mutation}: {refusal['message']}")


def bare_page(asked, programs, work, demo, cases):
    """Builds the bare page, puts the very files of the cases beside it, serves both; gives the address."""
    folder, port = work / "bare", asked.port + 70
    built = subprocess.run([VITE, "build", "--config", HERE / "vite.config.mjs", "--outDir", folder],
                           cwd=REPOSITORY, capture_output=True, text=True)
    if built.returncode != 0:
        raise SystemExit(f"the bare page can't be built: {built.stderr[-2000:]}")
    listed = []
    for number, case in enumerate(cases):
        # The AI's objects are given to whoever holds the case.
        accepted(demo.rad1.ask(OPEN, {"input": {"caseId": case}}), "openCase")
        found = demo.rad1.ask(CASE, {"id": case})["case"]
        place = folder / f"cases/{number}"
        place.mkdir(parents=True)
        series = {"SOURCE": found["source"]} | {derived["role"]: derived for derived in found["derived"]}
        files = {role: kept(demo, found["study"]["studyInstanceUid"], series[role], place / role, f"cases/{number}")
                 for role in ["SOURCE", "IMAGE", "UNCERTAINTY"]}
        listed.append({"source": files["SOURCE"], "ai": files["IMAGE"], "uncertainty": files["UNCERTAINTY"][0]})
    (folder / "cases/cases.json").write_text(json.dumps(listed))
    server = programs.start(["node", HERE / "files.mjs", folder, port], work / "files.log")
    until("the bare page is served", lambda: listening(port), 30, server)
    return f"http://127.0.0.1:{port}"


def served_page(asked, programs, work, demo):
    """Serves the page that `--page` names before the demo; gives the address."""
    port = asked.port + 80
    server = programs.start(["node", HERE / "page.mjs", asked.page, port, demo.address], work / "page.log")
    until("the page is served", lambda: listening(port), 30, server)
    return f"http://127.0.0.1:{port}"


def kept(demo, study, series, folder, address):
    """Writes the instances of a series as files; gives their addresses, in the order of positions."""
    folder.mkdir()
    addresses = []
    for index, instance in enumerate(series["instances"]):
        file = demo.rad1.get(f"/dicom-web/studies/{study}/series/{series['seriesInstanceUid']}"
                             f"/instances/{instance['sopInstanceUid']}")
        (folder / f"{index:04}.dcm").write_bytes(file)
        addresses.append(f"{address}/{folder.name}/{index:04}.dcm")
    return addresses


def in_browser(asked, programs, work, plan):
    said, figures = work / "viewer.log", work / "viewer.json"
    command = ["sh", "-c", f'exec node "{HERE / "measure.mjs"}" >"{figures}"']
    browser = programs.start(command, said, {"BENCH_PLAN": json.dumps(plan)})
    try:
        browser.wait(600 + 300 * (asked.repetitions + 1) + 60 * asked.cases)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"the browser doesn't end: {said.read_text()[-2000:]}") from None
    programs.stop(browser)
    if browser.returncode != 0:
        raise SystemExit(f"the browser failed: {said.read_text()[-3000:]}")
    return json.loads(figures.read_text())


ROWS = {
    "cold, click to first image, s": lambda visit: visit["cold"]["first"],
    "cold, click to all four panes, s": lambda visit: visit["cold"]["all"],
    "cold, click to every object, s": lambda visit: visit["cold"]["whole"],
    "cold, the page can't answer, sum s": lambda visit: visit["cold"]["blocked"]["sum"],
    "cold, the page can't answer, longest s": lambda visit: visit["cold"]["blocked"]["longest"],
    "fetched ahead, click to first image, s": lambda visit: visit["ahead"]["first"],
    "fetched ahead, click to all four panes, s": lambda visit: visit["ahead"]["all"],
    "wheel, new slices, slices/s": lambda visit: visit["wheel"]["forward"],
    "wheel, slices seen before, slices/s": lambda visit: visit["wheel"]["back"],
    "wheel, panes drawn for each slice": lambda visit: visit["wheel"]["frames"],
}


def report(asked, found):
    print(f"\n{asked.series} slices of 512 × 512, {asked.repetitions} visits, wheel {steps(asked)} steps each way, "
          "min / median / max:")
    rooms = {name: beside_bare(title, found[name], found["bare"])
             for name, title in [("ours", "reading room"), ("page", "page beside it")] if name in found}
    figures = rooms.get("page", rooms["ours"])
    reached = targets(figures)
    grown = growth(found["memory"])
    if grown:
        reached[f"memory after {asked.cases} cases ≤ {GROWTH} × after the first of them"] = grown["ratio"] <= GROWTH
        print(f"memory of Chromium over {asked.cases} cases: {grown['before']:.0f} MiB, later {grown['after']:.0f} MiB "
              f"({grown['ratio']:.3f} ×); heap {grown['heap_before']:.0f}, later {grown['heap_after']:.0f} MiB")
    for target, is_reached in reached.items():
        print(verdict(is_reached, target), flush=True)
    return {"slices": asked.series, "steps": steps(asked), "cases": asked.cases, "figures": figures,
            "binary": rooms["ours"], "memory": found["memory"], "growth": grown, "passed": all(reached.values())}


def beside_bare(title, ours, bare):
    """Prints the figures of a room beside the bare page's, and gives them."""
    figures = {}
    for name, of in ROWS.items():
        mine, theirs = [of(visit) for visit in ours], [of(visit) for visit in bare]
        both = all(value > 0 for value in theirs)
        figures[name] = {"ours": spread(mine), "bare": spread(theirs), "ratio": ratios(mine, theirs) if both else None}
    table(["", title, "bare page", "ratio"],
          [[name, text(one["ours"], 3), text(one["bare"], 3), text(one["ratio"], 2) if one["ratio"] else "–"]
           for name, one in figures.items()])
    return figures


def targets(figures):
    middle = lambda name, whose: figures[name][whose]["median"]  # noqa: E731
    return {
        f"fetched ahead, first image ≤ {FIRST_AHEAD_S} s":
            middle("fetched ahead, click to first image, s", "ours") <= FIRST_AHEAD_S,
        f"cold, first image ≤ {COLD_RATIO} × the bare page":
            middle("cold, click to first image, s", "ratio") <= COLD_RATIO,
        f"cold, all panes ≤ {ALL_PANES_S} s": middle("cold, click to all four panes, s", "ours") <= ALL_PANES_S,
        f"wheel, new slices ≥ {WHEEL_RATIO} × the bare page":
            middle("wheel, new slices, slices/s", "ratio") >= WHEEL_RATIO,
        f"wheel, slices seen before ≥ {WHEEL_RATIO} × the bare page":
            middle("wheel, slices seen before, slices/s", "ratio") >= WHEEL_RATIO,
    }


def growth(measured):
    """Medians of the first and the last third of the cases, the first two left out: then everything is loaded."""
    settled = measured[2:]
    third = len(settled) // 3
    if third < 1:
        return None
    median = lambda part, what: spread(one[what] for one in part)["median"]  # noqa: E731
    before, after = settled[:third], settled[-third:]
    return {
        "before": median(before, "processes"), "after": median(after, "processes"),
        "ratio": median(after, "processes") / median(before, "processes"),
        "heap_before": median(before, "heap"), "heap_after": median(after, "heap"),
    }
