import { describe, expect, it } from 'vitest';
import { fieldOf, instantOf, recallsSearch, selectionOf } from './recalls_search';

describe('the address of the recalls', () => {
  it('keeps what is an id or an instant in UTC and leaves the rest out', () => {
    const search = {
      model: 'model_0a1b',
      deployment: 'Chest CT',
      from: '2026-11-25T08:00:00.123456Z',
      until: 'yesterday',
      campaign: 7,
      name: 'somebody',
    };
    expect(recallsSearch(search)).toEqual({
      model: 'model_0a1b',
      from: '2026-11-25T08:00:00.123456Z',
    });
  });

  it('is a selection as soon as it names one thing', () => {
    expect(selectionOf({ campaign: 'campaign_1' })).toBeNull();
    expect(selectionOf({ until: '2026-11-25T08:00:00Z' })).toEqual({
      modelId: null,
      deploymentId: null,
      from: null,
      until: '2026-11-25T08:00:00Z',
    });
  });
});

describe('a field of date and time', () => {
  it('gives back the exact instant that it was set from while nobody changes it', () => {
    const exact = '2026-11-25T08:00:00.123456Z';
    expect(instantOf(fieldOf(exact), exact, true)).toBe(exact);
  });

  it('includes the whole last second and begins with the first', () => {
    expect(instantOf('2026-11-25T08:00:01', '2026-11-25T08:00:00Z', true)).toBe(
      '2026-11-25T08:00:01.999999Z',
    );
    expect(instantOf('2026-11-25T08:00', undefined, false)).toBe('2026-11-25T08:00:00Z');
    expect(instantOf('', '2026-11-25T08:00:00Z', false)).toBeUndefined();
  });
});
