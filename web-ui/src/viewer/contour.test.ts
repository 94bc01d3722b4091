import { describe, expect, it } from 'vitest';
import { isoLine, pathOf } from './contour';

const COLUMNS = 41;

/** Distance from the middle, in pixels. */
const cone = Float32Array.from({ length: COLUMNS * COLUMNS }, (_, index) =>
  Math.hypot((index % COLUMNS) - 20, Math.floor(index / COLUMNS) - 20),
);

describe('the line of a threshold', () => {
  it('lies where the map reaches the value, between pixels too', () => {
    const segments = isoLine(cone, COLUMNS, COLUMNS, 10.5);
    expect(segments.length).toBeGreaterThan(0);
    for (let at = 0; at < segments.length; at += 2) {
      const radius = Math.hypot((segments[at] ?? 0) - 20, (segments[at + 1] ?? 0) - 20);
      expect(Math.abs(radius - 10.5)).toBeLessThan(0.02);
    }
  });

  it('is closed and as long as the circle', () => {
    const segments = isoLine(cone, COLUMNS, COLUMNS, 10.5);
    let length = 0;
    const ends = new Map<string, number>();
    for (let at = 0; at < segments.length; at += 4) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = segments.slice(at, at + 4);
      length += Math.hypot(x1 - x0, y1 - y0);
      for (const end of [`${x0.toFixed(6)} ${y0.toFixed(6)}`, `${x1.toFixed(6)} ${y1.toFixed(6)}`])
        ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    expect(length / (2 * Math.PI * 10.5)).toBeCloseTo(1, 2);
    expect([...ends.values()].every((count) => count === 2)).toBe(true);
  });

  it('parts a saddle by its middle', () => {
    // Above at two opposite corners; the middle (6) is below 7 and above 5.
    const saddle = Float32Array.of(10, 2, 2, 10);
    const apart = isoLine(saddle, 2, 2, 7);
    const joined = isoLine(saddle, 2, 2, 5);
    // Apart: each segment stays at its high corner, near (0, 0) and (1, 1).
    for (const segments of [apart.slice(0, 4), apart.slice(4)]) {
      const sums = [0, 2].map((at) => (segments[at] ?? 0) + (segments[at + 1] ?? 0));
      expect(sums.every((sum) => sum < 1) || sums.every((sum) => sum > 1)).toBe(true);
    }
    // Joined: each segment cuts a low corner off, near (1, 0) and (0, 1).
    for (const segments of [joined.slice(0, 4), joined.slice(4)]) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = segments;
      expect(Math.sign(x0 - y0)).toBe(Math.sign(x1 - y1));
    }
  });

  it('is nothing where the map stays on one side, and a path where it does not', () => {
    expect(isoLine(cone, COLUMNS, COLUMNS, 1000)).toEqual([]);
    expect(pathOf([0, 0.5, 1, 0.25])).toBe('M0.00 0.50L1.00 0.25');
  });
});
