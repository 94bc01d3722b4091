/** What was displayed, as the server takes it with a signature; pure. */
import type { DisplayedInput, ViewingInput } from '../../api/documents';
import type { Evidence } from '../../viewer/evidence';

/** Of one slice, ms. */
interface Shown {
  ms: number;
  fullMs: number;
}

function displayed(shown: readonly Shown[]): DisplayedInput {
  const count = (wanted: (one: Shown) => number) => shown.filter((one) => wanted(one) > 0).length;
  const sum = (wanted: (one: Shown) => number) =>
    Math.ceil(shown.reduce((total, one) => total + wanted(one), 0));
  return {
    slices: count(({ ms }) => ms),
    slicesFull: count(({ fullMs }) => fullMs),
    ms: sum(({ ms }) => ms),
    msFull: sum(({ fullMs }) => fullMs),
  };
}

/** The window that the images stand in, in CSS pixels, and how many pixels of the screen each of them takes. */
export interface PageWindow {
  innerWidth: number;
  innerHeight: number;
  devicePixelRatio: number;
}

export function viewingOf(evidence: Evidence, page: PageWindow): ViewingInput {
  const times = [...evidence.slices.values()];
  const regions = [...evidence.regions].sort(([a], [b]) => a - b);
  const density = page.devicePixelRatio;
  return {
    original: displayed(
      times.map(({ originalMs, originalFullMs }) => ({ ms: originalMs, fullMs: originalFullMs })),
    ),
    image: displayed(times.map(({ aiMs, aiFullMs }) => ({ ms: aiMs, fullMs: aiFullMs }))),
    originalAloneMs: Math.floor(evidence.originalAloneMs),
    regions: regions.map(([region, slices]) => ({
      region,
      slices: [...slices].sort((a, b) => a - b),
    })),
    screen: {
      densityPercent: Math.round(100 * density),
      columns: Math.round(page.innerWidth * density),
      rows: Math.round(page.innerHeight * density),
    },
  };
}
