"""What the network sees, computed a second time from what crates/nets/src/guide.rs and crates/imaging say."""

import numpy as np

STRENGTH, CLIP, NOISE_MIN, STRUCTURE_PIXELS = 1.3, 6.0, 1.0, 2.0
BLOCK, BEFORE, AFTER, DISTANCE = 16, 1, 2, 6


def noises(voxels):
    """The noise in HU of each slice's flat tissue; a slice without any has the volume's median."""
    found = [flat_tissue_sigma(plane.astype(np.float64)) for plane in voxels]
    known = sorted(sigma for sigma in found if sigma is not None)
    median = known[len(known) // 2] if known else 0.0
    return [max(median if sigma is None else sigma, NOISE_MIN) for sigma in found]


def flat_tissue_sigma(plane):
    blocks = np.lib.stride_tricks.sliding_window_view(plane, (BLOCK, BLOCK))[:: BLOCK // 2, :: BLOCK // 2]
    blocks = blocks.reshape(-1, BLOCK, BLOCK)
    means = blocks.mean(axis=(1, 2))
    from_mean = blocks - means[:, None, None]
    flat = (means >= -150) & (means < 150) & (np.abs(from_mean) < 250).all(axis=(1, 2))
    if flat.sum() < 8:
        return None
    from_mean = from_mean[flat]
    places = np.arange(BLOCK) - (BLOCK - 1) / 2
    moment = (places**2).sum() * BLOCK
    by_x, by_y = (from_mean * places).sum(axis=(1, 2)), (from_mean * places[:, None]).sum(axis=(1, 2))
    residual = (from_mean**2).sum(axis=(1, 2)) - (by_x**2 + by_y**2) / moment
    sigmas = np.sort(np.sqrt(np.maximum(residual, 0) / (BLOCK**2 - 3)))
    return float(sigmas[len(sigmas) // 4])


def estimate(plane, noise):
    """Non-local means; the weight of a patch is exp(-d/h^2), cut off at exp(-5)."""
    height, width = plane.shape
    pad = AFTER + DISTANCE + 1
    padded = np.pad(plane, pad, mode="reflect")
    scale = np.float32(1 / ((STRENGTH * noise) ** 2 * 25))
    total, weights = np.zeros_like(plane), np.zeros_like(plane)
    # The centres and, around them, what patches reach.
    around = (slice(pad - BEFORE, pad + height + AFTER), slice(pad - BEFORE, pad + width + AFTER))
    for down in range(-DISTANCE, DISTANCE + 1):
        for right in range(-DISTANCE, DISTANCE + 1):
            moved = np.roll(padded, (-down, -right), axis=(0, 1))
            squares = (padded[around] - moved[around]) ** 2
            rows = sum(squares[row : row + height] for row in range(BEFORE + 1 + AFTER))
            distance = sum(rows[:, column : column + width] for column in range(BEFORE + 1 + AFTER)) * scale
            weight = np.where(distance <= 5, np.exp(-distance), 0).astype(np.float32)
            total += weight * moved[pad : pad + height, pad : pad + width]
            weights += weight
    return total / weights


def gaussian(plane):
    radius = int(np.ceil(3 * STRUCTURE_PIXELS))
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * STRUCTURE_PIXELS**2)).astype(np.float32)
    taps /= taps.sum()
    padded = np.pad(plane, radius, mode="edge")
    rows = sum(tap * padded[:, at : at + plane.shape[1]] for at, tap in enumerate(taps))
    return sum(tap * rows[at : at + plane.shape[0]] for at, tap in enumerate(taps))


def neighbour(z, step, depth):
    at, last = abs(z + step), depth - 1
    return max(2 * last - at, 0) if at > last else at


def features(voxels, estimates, noise, z, slices):
    """The planes of slice `z`: (planes, height, width)."""
    around = [neighbour(z, step, len(voxels)) for step in range(-(slices // 2), slices // 2 + 1)]
    middle = estimates[z]
    others = [estimates[at] for index, at in enumerate(around) if index != slices // 2]
    planes = [voxels[at] - middle for at in around] + [plane - middle for plane in others]
    planes.append(middle - gaussian(middle))
    return np.clip(np.stack(planes) / np.float32(noise), -CLIP, CLIP)
