import { describe, expect, it } from 'vitest';
import type { Site } from '../../api/site_documents';
import { bySite, isComplete, typedScanners } from './site_words';

const site = (name: string, isRegistered: boolean): Site => ({
  id: `site_${name}`,
  name,
  scanners: [],
  isRegistered,
  versions: [],
});

describe('sites beside deployments', () => {
  it('are registered, named without being registered, or removed', () => {
    const sites = [site('closed', false), site('east', false), site('north', true)];
    const deployments = [
      { name: 'chest', site: 'north' },
      { name: 'head', site: 'south' },
      { name: 'abdomen', site: 'east' },
      { name: 'late', site: 'south' },
    ];
    const { registered, unregistered, removed } = bySite(sites, deployments);
    expect(registered.map(({ site: { name }, names }) => [name, names])).toEqual([
      ['north', ['chest']],
    ]);
    expect(unregistered).toEqual([
      { name: 'east', names: ['abdomen'] },
      { name: 'south', names: ['head', 'late'] },
    ]);
    expect(removed.map(({ name }) => name)).toEqual(['closed']);
  });
  it('are complete when the site and each scanner have a name, and each scanner a sender', () => {
    const scanner = { sender: ' CT1 ', name: 'room 1 ', makerWords: [] };
    const typed = typedScanners([scanner]);
    expect(typed).toEqual([{ sender: 'CT1', name: 'room 1', makerWords: [] }]);
    expect(isComplete('north', typed)).toBe(true);
    expect(isComplete('', typed)).toBe(false);
    expect(isComplete('north', [])).toBe(false);
    expect(isComplete('north', typedScanners([scanner, { ...scanner, sender: ' ' }]))).toBe(false);
  });
});
