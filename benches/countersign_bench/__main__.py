"""`benches/run [cstore|worklist|first-image|viewer|explorer|denoise|training]`"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from . import cstore, denoise, explorer, first_image, machine, training, viewer, worklist
from .programs import REPOSITORY, Programs

BENCHES = {
    "cstore": cstore.measure,
    "worklist": worklist.measure,
    "first-image": first_image.measure,
    "viewer": viewer.measure,
    "explorer": explorer.measure,
    "denoise": denoise.measure,
    "training": training.measure,
}


def parse():
    parser = argparse.ArgumentParser(prog="benches/run", description=__doc__)
    parser.add_argument("bench", nargs="*", metavar="BENCH", help=f"{', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--binary", type=Path, default=REPOSITORY / "target/release/countersign",
                        help="the release binary (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=5, metavar="N", help="per figure (default: %(default)s)")
    parser.add_argument("--port", type=int, default=27000, help="first of 100 ports (default: %(default)s)")
    parser.add_argument("--slices", type=int, default=500, help="of a C-STORE run (default: %(default)s)")
    parser.add_argument("--series", type=int, default=200, metavar="N",
                        help="slices of the viewer's cases (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=60, metavar="N",
                        help="of the wheel each way in the viewer (default: %(default)s)")
    parser.add_argument("--cases", type=int, default=50, metavar="N",
                        help="opened one after the other for the viewer's memory, 0 for none (default: %(default)s)")
    parser.add_argument("--ledger", type=Path, metavar="FOLDER",
                        help="what `cargo bench --bench ledger -- fill FOLDER` wrote, for the explorer (default: anew)")
    parser.add_argument("--page", type=Path, metavar="FOLDER",
                        help="web-ui/dist as it was built just now: measured in the viewer beside the page in the binary")
    parser.add_argument("--work", type=Path, help="folder on the disk that is measured (default: below /var/tmp)")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "target/benches",
                        help="where <bench>.json goes (default: %(default)s)")
    parser.add_argument("--pin", metavar="CPUS", help="keep everything on these processors, for instance 0,1")
    asked = parser.parse_args()
    for name in asked.bench:
        if name not in BENCHES:
            parser.error(f"there is no bench {name!r}")
    if not asked.binary.is_file():
        parser.error(f"{asked.binary} is not there: cargo build --locked --release --bin countersign")
    return asked


def main():
    asked = parse()
    if asked.pin:
        machine.pin(asked.pin)
    asked.out.mkdir(parents=True, exist_ok=True)
    # Not /tmp, which is memory on many machines: there a sync costs nothing.
    work = Path(tempfile.mkdtemp(prefix="countersign-bench-", dir=asked.work or "/var/tmp"))
    machine.spread(work)
    failed = False
    with Programs() as programs:
        try:
            for name in asked.bench or BENCHES:
                before = machine.describe(work)
                print(f"== {name}: {machine.line(before)}", flush=True)
                result = BENCHES[name](asked, programs, work)
                programs.stop_all()
                failed |= not result.pop("passed")
                load = machine.load()
                record = {"bench": name, "machine": before, "load_after": load, **result}
                (asked.out / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
                print(f"load afterwards {load[0]:.2f}; figures in {asked.out / f'{name}.json'}\n", flush=True)
        except KeyboardInterrupt:
            print("\nstopped", file=sys.stderr)
            return 130
        finally:
            programs.stop_all()
            shutil.rmtree(work, ignore_errors=True)
    return 1 if failed else 0


sys.exit(main())
