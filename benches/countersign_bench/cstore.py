"""C-STORE of 500 CT slices, with 1 and 4 associations, against storescp and Orthanc."""

import os
import subprocess
import time

from . import ct, dimse
from .figures import ratios, spread, table, text, verdict
from .programs import cpu_seconds
from .receivers import AT_ITS_BEST, RECEIVERS

ASSOCIATIONS = [1, 4]
OF_ORTHANC_MIN = 1.5
OF_STORESCP_MIN = 0.7


def measure(asked, programs, work):
    voxels, spacing = ct.resampled(asked.slices)
    receivers = [kind(programs, work, asked.port + 10 * n, asked.binary) for n, kind in enumerate(RECEIVERS)]
    rates = {(receiver.name, n, sender): [] for receiver in receivers for n in ASSOCIATIONS for sender in SENDERS}
    waits = {(receiver.name, n): [] for receiver in receivers for n in ASSOCIATIONS}
    processors = {(receiver.name, n): [] for receiver in receivers for n in ASSOCIATIONS}
    number = 0
    # The first repetition warms up and isn't counted.
    for repetition in range(asked.repetitions + 1):
        for associations in ASSOCIATIONS:
            for sender in SENDERS:
                number += 1
                series = ct.Series(number, voxels, spacing)
                # Each receiver gets the first turn equally often.
                turn = repetition % len(receivers)
                for receiver in receivers[turn:] + receivers[:turn]:
                    settle_disk()
                    before = cpu_seconds(receiver.program)
                    seconds, answers = SENDERS[sender](receiver, series, associations, work)
                    used = cpu_seconds(receiver.program) - before
                    receiver.rest()
                    if repetition > 0:
                        rates[receiver.name, associations, sender].append(asked.slices / seconds)
                        waits[receiver.name, associations].extend(answers)
                        processors[receiver.name, associations].append(used / asked.slices * 1000)
        print(f"repetition {repetition} of {asked.repetitions}", flush=True)
    print(f"\n{asked.slices} slices of 512 × 512, slices per second, min / median / max:")
    results = report_rates(rates)
    print("milliseconds of an object, from its first byte to its answer (lean sender) and of the receiver's processors:")
    return {"slices": asked.slices, "results": results, "cost": report_cost(waits, processors),
            "passed": all(result["reached"] for result in results)}


def encoded(series):
    return [(series.sop_instance_uid(index), series.encoded(index)) for index in range(len(series.voxels))]


def send_lean(receiver, series, associations, _work):
    """From the first byte to the last answer."""
    if not hasattr(series, "objects"):
        series.objects = encoded(series)
    return dimse.send_all(receiver.port, receiver.called, series.objects, associations)


def send_storescu(receiver, series, associations, work):
    """From the start of the first storescu to the end of the last."""
    folder = work / f"series-{series.study}"
    if not folder.exists():
        series.write(folder)
    files = sorted(folder.iterdir())
    shares = [files[len(files) * n // associations : len(files) * (n + 1) // associations] for n in range(associations)]
    started = time.monotonic()
    command = ["storescu", "--max-send-pdu", "131072", "-aec", receiver.called, "127.0.0.1", str(receiver.port)]
    environment = os.environ | AT_ITS_BEST
    running = [subprocess.Popen([*command, *map(str, share)], env=environment) for share in shares]
    if any(one.wait() != 0 for one in running):
        raise SystemExit(f"storescu failed against {receiver.name}")
    return time.monotonic() - started, []


SENDERS = {"lean": send_lean, "storescu": send_storescu}


def settle_disk():
    """Writes out what waits in memory: nobody's measurement pays for the files of the one before."""
    os.sync()


def report_rates(rates):
    rows, results = [], []
    for associations in ASSOCIATIONS:
        for sender in SENDERS:
            ours = rates["Countersign", associations, sender]
            for name, least in (("storescp", OF_STORESCP_MIN), ("Orthanc", OF_ORTHANC_MIN)):
                theirs = rates[name, associations, sender]
                ratio = ratios(ours, theirs)
                reached = ratio["median"] >= least
                rows.append([associations, sender, name, text(spread(ours)), text(spread(theirs)), text(ratio, 2),
                             verdict(reached, f"≥ {least}")])
                results.append({"associations": associations, "sender": sender, "peer": name,
                                "countersign_per_second": spread(ours), "peer_per_second": spread(theirs),
                                "ratio": ratio, "target": least, "reached": reached})
    table(["associations", "sender", "peer", "Countersign", "the peer", "ratio", "target"], rows)
    return results


def report_cost(waits, processors):
    rows = []
    for (name, associations), values in waits.items():
        values.sort()
        p50, p99 = (values[int(len(values) * share)] * 1000 for share in (0.5, 0.99))
        rows.append([name, associations, f"{p50:.2f}", f"{p99:.2f}", text(spread(processors[name, associations]), 2)])
    table(["receiver", "associations", "answer, median", "answer, 99 %", "processors, min / median / max"], rows)
    return rows
