import { describe, expect, it, vi } from 'vitest';
import { shareOf } from './engines';

vi.mock('@cornerstonejs/core', () => ({}));
vi.mock('@cornerstonejs/dicom-image-loader', () => ({}));

describe('the share of its window that a pane has', () => {
  const large = { innerWidth: 1920, innerHeight: 1080 };
  const small = { innerWidth: 1280, innerHeight: 720 };

  it('is the whole where it stands alone beside the column, on a large and on a small screen', () => {
    expect(shareOf({ width: 1600, height: 990 }, large)).toBe('whole');
    expect(shareOf({ width: 960, height: 630 }, small)).toBe('whole');
  });

  it('is a part where two, three or four stand beside each other', () => {
    expect(shareOf({ width: 800, height: 990 }, large)).toBe('part');
    expect(shareOf({ width: 533, height: 990 }, large)).toBe('part');
    expect(shareOf({ width: 800, height: 490 }, large)).toBe('part');
  });
});
