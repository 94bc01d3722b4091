"""The network of `ct-denoise`, forward and a training step: the kernels of `nets` and candle's own operations beside
PyTorch eager, on the same numbers with equal numbers of threads."""

import json
import shutil
import subprocess
from pathlib import Path

from .figures import ratios, spread, table, text, verdict
from .programs import REPOSITORY

THREADS = [1, 2]
# Float32 sums of a million values in another order.
PARITY_MAX = 1e-3
WANTED = {"forward": 1.0, "step": 2.0}
# Runs of one process after the first, which also makes room in its memory.
INNER = 3


def measure(asked, _programs, _work):
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None or subprocess.run([python, "-c", "import torch"], capture_output=True).returncode != 0:
        raise SystemExit("PyTorch is missing: sudo apt-get install python3-torch")
    bench = built()
    seconds = {}
    for repetition in range(asked.repetitions):
        for threads in THREADS:
            ours = lines([bench, INNER + 1], {"RAYON_NUM_THREADS": str(threads)})
            theirs = lines([python, Path(__file__).with_name("pytorch.py"), threads, INNER + 1], {})
            version = theirs[0]["version"]
            for what in WANTED:
                same(what, ours + theirs)
                for kind in ("countersign", "candle", "pytorch"):
                    seconds.setdefault((what, threads, kind), []).append(best(ours + theirs, what, kind))
        print(f"repetition {repetition + 1} of {asked.repetitions}", flush=True)
    return report(seconds, version)


def built():
    """The bench's program; cargo says where it is."""
    command = ["cargo", "bench", "--locked", "--package", "nets", "--bench", "network", "--no-run",
               "--message-format", "json"]
    said = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True).stdout
    made = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    found = [one["executable"] for one in made if one.get("executable") and one["target"]["name"] == "network"]
    return found[-1]


def lines(command, environment):
    command = ["env", *(f"{name}={value}" for name, value in environment.items()), *map(str, command)]
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode != 0:
        raise SystemExit(f"{command} failed: {said.stderr[-2000:]}")
    return [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]


def of(found, what, kind):
    return [line for line in found if line.get("what") == what and line["kind"] == kind]


def best(found, what, kind):
    """The shortest run after the first."""
    return min(line["seconds"] for line in of(found, what, kind)[1:])


def same(what, found):
    """All compute the same, or their times say nothing."""
    theirs = of(found, what, "pytorch")[0]
    for kind in ("countersign", "candle"):
        ours = of(found, what, kind)[0]
        for figure in ("value", "gradient"):
            off = abs(ours[figure] - theirs[figure]) / max(abs(theirs[figure]), 1e-9)
            if off > PARITY_MAX:
                raise SystemExit(f"{what}: {figure} of {kind} is {ours[figure]}, PyTorch's {theirs[figure]}")


def report(seconds, version):
    rows, results, passed = [], [], True
    for what, wanted in WANTED.items():
        for threads in THREADS:
            peer = seconds[what, threads, "pytorch"]
            ours = ratios(seconds[what, threads, "countersign"], peer)
            stock = ratios(seconds[what, threads, "candle"], peer)
            reached = ours["median"] <= wanted
            passed &= reached
            rows.append([what, threads, *(text(spread(seconds[what, threads, kind]), 3)
                                          for kind in ("countersign", "candle", "pytorch")),
                         text(ours, 2), text(stock, 2), verdict(reached, f"at most {wanted:.1f}")])
            results.append({"what": what, "threads": threads, "ratio_of_times": ours, "ratio_of_candle": stock,
                            "pytorch_seconds": spread(peer)})
    print(f"\nseconds beside PyTorch {version} eager, min / median / max; forward: 1 × 6 × 512 × 512, step: forward and"
          " backward of 4 × 6 × 64 × 64:")
    table(["what", "threads", "Countersign", "candle", "PyTorch", "Countersign / PyTorch", "candle / PyTorch", ""],
          rows)
    return {"pytorch": version, "results": results, "passed": passed}
