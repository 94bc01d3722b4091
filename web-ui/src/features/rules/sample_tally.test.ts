import { describe, expect, it } from 'vitest';
import type { QualitySample } from '../../api/oversight_types';
import { tallyOf } from './sample_tally';

const sample = (kind: QualitySample['kind'], agrees: boolean | null) =>
  ({ kind, agrees }) as QualitySample;

describe('the tally of tests', () => {
  it('counts each kind by itself and leaves out what could not be judged', () => {
    const samples = [
      sample('SENTINEL', true),
      sample('SENTINEL', false),
      sample('SENTINEL', null),
      sample('REPEAT', true),
    ];
    expect(tallyOf(samples, 'SENTINEL')).toEqual({ count: 2, right: 1 });
    expect(tallyOf(samples, 'REPEAT')).toEqual({ count: 1, right: 1 });
  });
});
