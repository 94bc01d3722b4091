import { describe, expect, it } from 'vitest';
import type { Draft } from '../../api/types';
import {
  conflicted,
  failed,
  isDue,
  keepMine,
  saved,
  sending,
  versionsOf,
  waitOfSave,
} from './draft_versions';
import { historyOf } from './history';
import { EMPTY_CONTENT, newFinding, readAfter } from './read_content';

const accepting = { ...EMPTY_CONTENT, verdict: 'ACCEPT' as const };
const rejecting = { ...EMPTY_CONTENT, verdict: 'REJECT' as const };
const stored: Draft = { ...rejecting, version: 4, savedAt: '2026-11-25T05:00:00Z' };

describe('draft versions', () => {
  it('have nothing to save until something changes', () => {
    const versions = versionsOf(2, accepting);
    expect(isDue(versions, { ...accepting })).toBe(false);
    expect(isDue(versions, rejecting)).toBe(true);
  });

  it('send one save at a time, and follow the version that the server gave', () => {
    const under = sending(versionsOf(2, accepting), rejecting);
    expect(isDue(under, accepting)).toBe(false);
    const after = saved(under, 3);
    expect(after.version).toBe(3);
    expect(isDue(after, rejecting)).toBe(false);
    expect(isDue(after, accepting)).toBe(true);
  });

  it('repeat a save that did not arrive', () => {
    const after = failed(sending(versionsOf(2, accepting), rejecting));
    expect(after.version).toBe(2);
    expect(isDue(after, rejecting)).toBe(true);
  });

  it('rest at a conflict until the reader chooses, and then follow the stored version', () => {
    const at = conflicted(sending(versionsOf(2, accepting), accepting), stored);
    expect(isDue(at, accepting)).toBe(false);
    const kept = keepMine(at);
    expect(kept.version).toBe(4);
    expect(kept.conflict).toBeNull();
  });
});

describe('what a reader says', () => {
  const invented = newFinding('INVENTED', [1, 2, 3]);

  it('can be undone and redone', () => {
    let history = readAfter(historyOf(EMPTY_CONTENT), { kind: 'finding-added', finding: invented });
    history = readAfter(history, {
      kind: 'finding-changed',
      index: 0,
      change: { severity: 'MAJOR' },
    });
    history = readAfter(history, { kind: 'undo' });
    expect(history.present.findings[0]?.severity).toBe('MINOR');
    history = readAfter(history, { kind: 'redo' });
    expect(history.present.findings[0]?.severity).toBe('MAJOR');
  });

  it('has no future after a new act', () => {
    let history = readAfter(historyOf(EMPTY_CONTENT), { kind: 'verdict', verdict: 'ACCEPT' });
    history = readAfter(history, { kind: 'undo' });
    history = readAfter(history, { kind: 'verdict', verdict: 'REJECT' });
    expect(readAfter(history, { kind: 'redo' })).toBe(history);
  });

  it('holds one disposition a region, in the order of regions', () => {
    let history = historyOf(EMPTY_CONTENT);
    for (const [region, disposition] of [
      [3, 'LOST'],
      [1, 'PLAUSIBLE'],
      [3, 'ARTEFACT'],
    ] as const) {
      history = readAfter(history, { kind: 'disposition', region, disposition });
    }
    expect(history.present.regions).toEqual([
      { region: 1, disposition: 'PLAUSIBLE' },
      { region: 3, disposition: 'ARTEFACT' },
    ]);
  });

  it('are saved within three seconds of a change, however long somebody types on', () => {
    expect(waitOfSave(0)).toBe(1_500);
    expect(waitOfSave(2_000)).toBe(500);
    expect(waitOfSave(2_500)).toBe(0);
    expect(waitOfSave(60_000)).toBe(0);
  });
});
