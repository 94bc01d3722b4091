"""Denoising per slice: `countersign infer` against onnxruntime on the same weights, with equal numbers of threads."""

import gzip
import re
import struct
import subprocess
import time

import numpy as np
import onnxruntime

from . import ct, guide, network
from .figures import ratios, spread, table, text, verdict
from .programs import REPOSITORY

MODEL = REPOSITORY / "models/ct-denoise"
THREADS = [1, 2]
SLICES = range(16, 28)
BODY_HU, MARGIN, MULTIPLE = -300.0, 16, 4
PARITY_MAX = 1e-3


def measure(asked, _programs, work):
    voxels, spacing = ct.lung1()
    voxels = voxels[SLICES.start : SLICES.stop].astype(np.float32)
    source = work / "input.nii"
    source.write_bytes(nifti(voxels, spacing))
    exported, slices = network.export(MODEL)
    noises = guide.noises(voxels)
    estimates = [guide.estimate(plane, noise) for plane, noise in zip(voxels, noises)]
    inputs = [prepared(guide.features(voxels, estimates, noises[z], z, slices), voxels[z]) for z in range(len(voxels))]
    sessions = {threads: session(exported, threads) for threads in THREADS}
    difference = parity(asked, work, source, estimates, noises, sessions[THREADS[0]], inputs)
    print(f"largest difference between the two images: {difference:.1e} of the noise (at most {PARITY_MAX:.0e})", flush=True)
    if difference > PARITY_MAX:
        raise SystemExit("the two don't compute the same network: their times say nothing")
    ours = {threads: [] for threads in THREADS}
    theirs = {threads: [] for threads in THREADS}
    for repetition in range(asked.repetitions + 1):
        for threads in THREADS:
            seconds, peer = infer(asked, work, source, threads), peer_seconds(sessions[threads], inputs)
            if repetition > 0:
                ours[threads].append(seconds)
                theirs[threads].append(peer)
        print(f"repetition {repetition} of {asked.repetitions}", flush=True)
    return report(ours, theirs, difference)


def report(ours, theirs, difference):
    rows, results = [], []
    for threads in THREADS:
        ratio = ratios(ours[threads], theirs[threads])
        rows.append([threads, text(spread(ours[threads]), 3), text(spread(theirs[threads]), 3), text(ratio, 2)])
        results.append({"threads": threads, "countersign_seconds_per_slice": spread(ours[threads]),
                        "onnxruntime_seconds_per_slice": spread(theirs[threads]), "ratio_of_times": ratio})
    print(f"\nseconds per slice of 512 × 512, onnxruntime {onnxruntime.__version__}, min / median / max; Countersign's"
          " time is that of the\nwhole run (noise, estimate, network, interval, scores), onnxruntime's that of the network:")
    table(["threads", "Countersign", "onnxruntime", "ratio (below 1: Countersign is faster)"], rows)
    return {"parity": difference, "results": results, "passed": True}


def nifti(voxels, spacing):
    """A NIfTI-1 file of float32 on an LPS grid."""
    (nz, ny, nx), (dz, dy, dx) = voxels.shape, spacing
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, nx, ny, nz, 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 16, 32)
    struct.pack_into("<8f", head, 76, 1, dx, dy, dz, 0, 0, 0, 0)
    struct.pack_into("<3f", head, 108, 352, 1, 0)
    head[123] = 2
    struct.pack_into("<2h", head, 252, 0, 1)
    struct.pack_into("<12f", head, 280, -dx, 0, 0, 0, 0, -dy, 0, 0, 0, 0, dz, 0)
    head[344:348] = b"n+1\0"
    return bytes(head) + voxels.astype("<f4").tobytes()


def crop_of(plane):
    """The box of the body with a margin, as crates/nets/src/predict.rs has it."""
    def extent(inside):
        found = np.flatnonzero(inside)
        return (max(found[0] - MARGIN, 0), min(found[-1] + 1 + MARGIN, len(inside))) if len(found) else (0, len(inside))
    body = plane > BODY_HU
    return extent(body.any(axis=1)), extent(body.any(axis=0))


def prepared(features, plane):
    """(input of the network, crop) of a slice."""
    (top, bottom), (left, right) = crop_of(plane)
    rows, columns = (-(-extent // MULTIPLE) * MULTIPLE for extent in (bottom - top, right - left))
    stack = np.zeros((1, len(features), rows, columns), np.float32)
    stack[0, :, : bottom - top, : right - left] = features[:, top:bottom, left:right]
    return stack, (top, bottom, left, right)


def session(exported, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(exported, options, providers=["CPUExecutionProvider"])


def peer_seconds(peer, inputs):
    started = time.monotonic()
    for stack, _ in inputs:
        peer.run(None, {"x": stack})
    return (time.monotonic() - started) / len(inputs)


def infer(asked, work, source, threads):
    """Runs `countersign infer`, which says on stderr how long it took; the threads are rayon's."""
    command = ["env", f"RAYON_NUM_THREADS={threads}", asked.binary, "infer", MODEL, "--input", source,
               "--out", work / "inferred"]
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"countersign infer failed: {ran.stderr[-2000:]}")
    told = re.search(r"([\d.]+) s per slice", ran.stderr)
    if told is None:
        raise SystemExit(f"countersign infer doesn't say how long it took: {ran.stderr[-2000:]}")
    return float(told[1])


def parity(asked, work, source, estimates, noises, peer, inputs):
    """The largest difference between the two images, as a share of the noise."""
    infer(asked, work, source, THREADS[0])
    raw = gzip.decompress((work / "inferred/image.nii.gz").read_bytes())
    offset = int(struct.unpack_from("<f", raw, 108)[0])
    image = np.frombuffer(raw, "<f4", offset=offset).reshape(np.shape(estimates))
    largest = 0.0
    for z, (stack, (top, bottom, left, right)) in enumerate(inputs):
        middle = peer.run(None, {"x": stack})[0][0, 1, : bottom - top, : right - left]
        theirs = estimates[z][top:bottom, left:right] + middle * noises[z]
        largest = max(largest, float(np.abs(image[z, top:bottom, left:right] - theirs).max()) / noises[z])
    return largest
