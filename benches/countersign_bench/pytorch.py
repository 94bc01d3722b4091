"""The network of `ct-denoise` in PyTorch eager, with the numbers of benches/network/main.rs: a line of JSON for each
repetition. Run by the Python that has `torch`, not by the benches' own: `python3 pytorch.py THREADS REPETITIONS`."""

import json
import sys
import time

import torch
import torch.nn.functional as F

CHANNELS, BLOCKS, PLANES, HEADS = (16, 32, 64), (2, 2, 4, 2, 2), 6, 3
STAGES = ["down_full", "down_half", "bottom", "up_half", "up_full"]
RESIDUAL_SCALE, CORRECTION_MAX = 0.1, 4.0
SLICE, BATCH = (1, 6, 512, 512), (4, 6, 64, 64)


def numbers(shape, salt, gain):
    count = torch.Size(shape).numel()
    mixed = (torch.arange(count, dtype=torch.int64) * 2_654_435_761 + salt * 40_503) % 2**32
    return (gain * (mixed.double() / 2**31 - 1)).float().reshape(shape)


def shapes():
    c0, c1, c2 = CHANNELS
    found = {"head": (c0, PLANES, 3, 3), "down0": (c1, 4 * c0), "down1": (c2, 4 * c1), "up1": (c1, c2),
             "up0": (c0, c1), "tail": (HEADS, c0, 3, 3)}
    for stage, blocks, channels in zip(STAGES, BLOCKS, (c0, c1, c2, c1, c0)):
        for block in range(blocks):
            for part in ("first", "second"):
                found[f"{stage}.{block}.{part}"] = (channels, channels, 3, 3)
    named = {f"{name}.weight": shape for name, shape in found.items()}
    return named | {f"{name}.bias": (shape[0],) for name, shape in found.items()}


def weights():
    made = {}
    for salt, (name, shape) in enumerate(sorted(shapes().items()), start=2):
        fan_in = torch.Size(shape[1:]).numel()
        gain = 0.1 if len(shape) == 1 else (6.0 / fan_in) ** 0.5
        made[name] = numbers(shape, salt, gain).requires_grad_()
    return made


class Network:
    def __init__(self, weights):
        self.weights = weights

    def conv(self, x, name):
        return F.conv2d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], padding=1)

    def down(self, x, name):
        weight = self.weights[f"{name}.weight"]
        return F.conv2d(x, weight.reshape(len(weight), -1, 2, 2), self.weights[f"{name}.bias"], stride=2)

    def up(self, x, name, beside):
        small = F.conv2d(x, self.weights[f"{name}.weight"][:, :, None, None], self.weights[f"{name}.bias"])
        return F.interpolate(small, scale_factor=2, mode="nearest") + beside

    def stage(self, x, name, blocks):
        for block in range(blocks):
            inner = F.relu(self.conv(x, f"{name}.{block}.first"))
            x = x + self.conv(inner, f"{name}.{block}.second") * RESIDUAL_SCALE
        return x

    def __call__(self, x):
        full = self.stage(self.conv(x, "head"), STAGES[0], BLOCKS[0])
        half = self.stage(self.down(full, "down0"), STAGES[1], BLOCKS[1])
        bottom = self.stage(self.down(half, "down1"), STAGES[2], BLOCKS[2])
        half = self.stage(self.up(bottom, "up1", half), STAGES[3], BLOCKS[3])
        full = self.stage(self.up(half, "up0", full), STAGES[4], BLOCKS[4])
        heads = self.conv(full, "tail")
        middle = torch.tanh(heads[:, 1:2] / CORRECTION_MAX) * CORRECTION_MAX
        return torch.cat([heads[:, 0:1], middle, heads[:, 2:3]], 1)


def told(what, seconds, value, gradient):
    print(json.dumps({"what": what, "kind": "pytorch", "seconds": seconds, "value": value, "gradient": gradient}))


def main():
    threads, repetitions = int(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(threads)
    tensors = weights()
    network = Network(tensors)
    whole, batch = numbers(SLICE, 1, 3.0), numbers(BATCH, 1, 3.0)
    for _ in range(repetitions):
        with torch.no_grad():
            started = time.monotonic()
            y = network(whole)
            seconds = time.monotonic() - started
        told("forward", seconds, y.square().mean().item(), 0.0)
        for tensor in tensors.values():
            tensor.grad = None
        started = time.monotonic()
        loss = network(batch).square().mean()
        loss.backward()
        seconds = time.monotonic() - started
        told("step", seconds, loss.item(), sum(tensor.grad.abs().sum().item() for tensor in tensors.values()))


if __name__ == "__main__":
    print(json.dumps({"version": torch.__version__}))
    main()
