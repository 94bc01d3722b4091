"""From the last slice stored to the case in the worklist, for two lengths: what a slice costs, and what everything else
costs."""

from . import ct
from .demo import Demo
from .figures import spread, table, text
from .programs import until_idle

LENGTHS = [8, 24]


def measure(asked, programs, work):
    demo = Demo(asked, programs, work, asked.port + 40)
    waits = {length: [] for length in LENGTHS}
    number = 0
    for repetition in range(asked.repetitions):
        for length in LENGTHS:
            number += 1
            voxels, spacing = ct.resampled(length)
            series = ct.Series(number, voxels, spacing, body_part="CHEST")
            until_idle(demo.program)
            stored = demo.send(series)
            _, seen = demo.wait_for_case(series)
            waits[length].append(seen - stored)
        print(f"repetition {repetition + 1} of {asked.repetitions}", flush=True)
    short, long = LENGTHS
    per_slice = [(b - a) / (long - short) for a, b in zip(waits[short], waits[long])]
    rest = [a - short * slope for a, slope in zip(waits[short], per_slice)]
    print("\nseconds from the last answer to C-STORE to the case in the worklist, min / median / max:")
    rows = [[f"{length} slices of 512 × 512", text(spread(waits[length]), 2)] for length in LENGTHS]
    rows.append(["of these per slice", text(spread(per_slice), 3)])
    rows.append(["of these whatever the number of slices", text(spread(rest), 2)])
    table(["", "seconds"], rows)
    return {
        "seconds": {length: spread(waits[length]) for length in LENGTHS},
        "seconds_per_slice": spread(per_slice),
        "seconds_without_slices": spread(rest),
        "passed": True,
    }
