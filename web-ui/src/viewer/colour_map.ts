/** Colours of computed images. Grey for images, cividis for uncertainty, blue–grey–red for differences. */

type Rgb = readonly [number, number, number];

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/**
 * Cividis at `t` in 0..1: evenly perceived, also by people who see few colours.
 *
 * Source: Nuñez, Anderton, Renslow, PLoS ONE 13(7), 2018; polynomial fit as published in d3-scale-chromatic.
 */
export function cividis(t: number): Rgb {
  const x = Math.max(0, Math.min(1, t));
  return [
    clamp(-4.54 - x * (35.34 - x * (2381.73 - x * (6402.7 - x * (7024.72 - x * 2710.57))))),
    clamp(32.49 + x * (170.73 + x * (52.82 - x * (131.46 - x * (176.58 - x * 67.37))))),
    clamp(81.24 + x * (442.36 - x * (2482.43 - x * (6167.24 - x * (6614.94 - x * 2475.67))))),
  ];
}

const NEUTRAL: Rgb = [58, 60, 63];
const REMOVED: Rgb = [96, 160, 255];
const ADDED: Rgb = [255, 112, 92];

/** The diverging map at `t` in −1..1: blue where the AI removed, grey where equal, red where it added. */
export function diverging(t: number): Rgb {
  const x = Math.max(-1, Math.min(1, t));
  const end = x < 0 ? REMOVED : ADDED;
  const share = Math.abs(x);
  return [0, 1, 2].map((channel) =>
    clamp((NEUTRAL[channel] ?? 0) + share * ((end[channel] ?? 0) - (NEUTRAL[channel] ?? 0))),
  ) as unknown as Rgb;
}

/** A map as 256 steps of red, green, blue. */
export function table(map: (t: number) => Rgb, low: number, high: number): Uint8Array {
  const steps = new Uint8Array(256 * 3);
  for (let step = 0; step < 256; step += 1) {
    steps.set(map(low + (step / 255) * (high - low)), step * 3);
  }
  return steps;
}

/** A map as a CSS gradient from left to right, for colour bars. */
export function gradient(map: (t: number) => Rgb, low: number, high: number): string {
  const stops = Array.from({ length: 17 }, (_, index) => {
    const [red, green, blue] = map(low + (index / 16) * (high - low));
    return `rgb(${red} ${green} ${blue}) ${(index / 16) * 100}%`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

export const CIVIDIS_TABLE = table(cividis, 0, 1);
export const DIVERGING_TABLE = table(diverging, -1, 1);
