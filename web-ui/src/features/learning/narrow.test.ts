import { describe, expect, it } from 'vitest';
import type { Discussion } from '../../api/discussion_documents';
import { countsOf, narrowed } from './narrow';

const discussion = (id: string, more: Partial<Discussion>): Discussion => ({
  id,
  caseId: 'case_a',
  kind: 'DISCREPANCY',
  question: 'Why do the verdicts differ?',
  voice: 'QUALITY',
  openedBy: null,
  openedAt: '2026-11-25T08:00:00Z',
  contributions: [],
  learningPoint: null,
  closedBy: null,
  closedAt: null,
  audience: null,
  mayScore: false,
  mayClose: false,
  ownScore: null,
  ...more,
});
const said = {
  number: 1,
  voice: 'READER',
  by: null,
  words: 'A streak of the table',
  at: '',
} as const;
const all = [
  discussion('one', { contributions: [said] }),
  discussion('two', { learningPoint: 'Look at the original first.' }),
  discussion('three', { kind: 'GOOD_CATCH', question: 'What made you look?' }),
];
const kindWord = (kind: Discussion['kind']) => kind.toLowerCase().replace('_', ' ');
const ids = (shown: Parameters<typeof narrowed>[1], words = '') =>
  narrowed(all, shown, words, kindWord).map(({ id }) => id);

describe('the list of discussions', () => {
  it('parts the open from the closed and counts both', () => {
    expect(ids('open')).toEqual(['one', 'three']);
    expect(ids('closed')).toEqual(['two']);
    expect(countsOf(all)).toEqual({ open: 2, closed: 1, all: 3 });
  });

  it('finds every word in question, contributions, learning point and kind', () => {
    expect(ids('all', 'TABLE streak')).toEqual(['one']);
    expect(ids('all', 'original')).toEqual(['two']);
    expect(ids('all', 'good catch')).toEqual(['three']);
    expect(ids('open', 'original')).toEqual([]);
  });
});
