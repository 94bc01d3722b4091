import { expect, it } from 'vitest';
import { inDuration } from './duration';

it('says minutes, hours or days, rounded down', () => {
  const said = [0, 0.25, 0.999, 1, 26.9, 47.99, 48, 167.9].map((hours) => inDuration(hours, 'en'));
  expect(said).toEqual([
    ...['0 minutes', '15 minutes', '59 minutes', '1 hour', '26 hours', '47 hours'],
    ...['2 days', '6 days'],
  ]);
  expect(inDuration(3, 'ja')).toBe('3 時間');
});
