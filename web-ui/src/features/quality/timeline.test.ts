import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../api/types';
import { countsOf, FACES, faceOf, momentsOf, PHASES, pauseBefore } from './timeline';

const entry = (kind: string, minute: number) =>
  ({ kind, occurredAt: new Date(Date.UTC(2026, 4, 1, 12, minute)).toISOString() }) as LedgerEntry;
const history = [
  entry('case.queued', 0),
  entry('display.recorded', 1),
  entry('access.recorded', 2),
  entry('read.signed', 3),
  entry('display.recorded', 30),
];

describe('the line of a case', () => {
  it('joins accesses in a row, and never across something that happened', () => {
    const moments = momentsOf(history, PHASES);
    expect(moments.map(({ entries }) => entries.length)).toEqual([1, 2, 1, 1]);
    expect(moments.map(({ face }) => face.phase)).toEqual(['case', 'access', 'read', 'access']);
  });
  it('shows the phases that are asked for', () => {
    expect(momentsOf(history, ['read']).map(({ entries }) => entries[0]?.kind)).toEqual([
      'read.signed',
    ]);
    expect(countsOf(history)).toMatchObject({ access: 3, case: 1, read: 1, send: 0 });
  });
  it('tells of long pauses alone', () => {
    const [queued, looked, signed, later] = momentsOf(history, PHASES);
    if (!queued || !looked || !signed || !later) throw new Error('moments are missing');
    expect(pauseBefore(undefined, queued)).toBeNull();
    expect(pauseBefore(looked, signed)).toBeNull();
    expect(pauseBefore(signed, later)).toBe(27 * 60_000);
  });
  it('gives an event of a newer server the plain face', () => {
    expect(faceOf('case.sung').icon).toBe('circle');
  });
  it('has a face for every event that can belong to a case', () => {
    const source = readFileSync(
      new URL('../../../../crates/contract/src/event.rs', import.meta.url),
      'utf8',
    );
    const kinds = [...source.matchAll(/"([a-z_.]+)" => [A-Z]/g)].map(([, kind = '']) => kind);
    expect(kinds.length).toBeGreaterThan(40);
    // Only events of cases, reads, runs, sends and series stand in a case's history.
    const ofCases = kinds.filter((kind) =>
      /^(case|read|lease|draft|run|send|rejection_note|series)\./.test(kind),
    );
    expect(ofCases.filter((kind) => !FACES[kind])).toEqual([]);
    expect(Object.keys(FACES).filter((kind) => !kinds.includes(kind))).toEqual([]);
  });
});
