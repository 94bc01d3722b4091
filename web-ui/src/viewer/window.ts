/** Grey windows: named presets as data, and a window taken from the data where a file states none. */
import type { Values } from './difference';

export interface GreyWindow {
  centre: number;
  width: number;
}

/** A preset of the keys 1–4. */
export interface WindowPreset {
  name: 'soft' | 'lung' | 'bone' | 'brain';
  window: GreyWindow;
}

export const CT_PRESETS: readonly WindowPreset[] = [
  { name: 'soft', window: { centre: 40, width: 400 } },
  { name: 'lung', window: { centre: -600, width: 1500 } },
  { name: 'bone', window: { centre: 400, width: 1800 } },
  { name: 'brain', window: { centre: 40, width: 80 } },
];

/** The 1st to the 99th percentile of what isn't padding. */
export function windowOfData(values: Values, excluded: Uint8Array | null): GreyWindow {
  const stride = Math.max(1, Math.floor(values.length / 20_000));
  const sample: number[] = [];
  for (let index = 0; index < values.length; index += stride) {
    if (!excluded?.[index]) sample.push(values[index] ?? 0);
  }
  sample.sort((a, b) => a - b);
  const low = sample[Math.floor(sample.length * 0.01)] ?? 0;
  const high = sample[Math.floor(sample.length * 0.99)] ?? 1;
  return { centre: (low + high) / 2, width: Math.max(1, high - low) };
}

/** The window after dragging by so many pixels; slower where the window is narrow. */
export function dragWindow(window: GreyWindow, right: number, down: number): GreyWindow {
  const step = Math.max(0.5, window.width / 300);
  return {
    centre: window.centre + down * step,
    width: Math.max(1, window.width + right * step),
  };
}
