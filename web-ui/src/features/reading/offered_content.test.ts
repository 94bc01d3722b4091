import { describe, expect, it } from 'vitest';
import type { Draft } from '../../api/types';
import { isDue, versionsOf } from './draft_versions';
import { HOLD_ENDS, holdEndOf, mayOpenAgain } from './ended_hold';
import { contentOfOffer, isUntouched } from './offered_content';
import { EMPTY_CONTENT } from './read_content';

const offered: Draft = {
  version: 7,
  verdict: 'REJECT',
  findings: [
    {
      id: 'fnd_1',
      kind: 'INVENTED',
      severity: 'MAJOR',
      centreMm: [1, 2, 3],
      diameterMm: 4,
      comment: 'nodule',
    },
  ],
  regions: [{ region: 0, disposition: 'INVENTED' }],
  comment: 'invented nodule',
  savedAt: '2026-05-01T10:00:00Z',
};

describe('what was typed on the case before', () => {
  it('keeps verdict, findings and comment', () => {
    const content = contentOfOffer(offered);
    expect(content).toMatchObject({ verdict: 'REJECT', comment: 'invented nodule' });
    expect(content.findings).toMatchObject([{ centreMm: [1, 2, 3], diameterMm: 4 }]);
  });
  it('says nothing of regions, which were those of another image', () => {
    expect(contentOfOffer(offered).regions).toEqual([]);
  });
  it('is offered only until something is said here', () => {
    expect(isUntouched(EMPTY_CONTENT)).toBe(true);
    expect(isUntouched({ ...EMPTY_CONTENT, comment: 'x' })).toBe(false);
    expect(isUntouched({ ...EMPTY_CONTENT, verdict: 'ACCEPT' })).toBe(false);
    expect(isUntouched({ ...EMPTY_CONTENT, regions: offered.regions })).toBe(false);
    expect(isUntouched(contentOfOffer(offered))).toBe(false);
  });
  it('is saved as new: the findings have no id, and the save follows version 0', () => {
    const content = contentOfOffer(offered);
    expect(content.findings.map(({ id }) => id)).toEqual([null]);
    const versions = versionsOf(0, EMPTY_CONTENT);
    expect(versions.version).toBe(0);
    expect(isDue(versions, content)).toBe(true);
  });
});

describe('a hold that ended', () => {
  it('can be taken again only where nobody took it away', () => {
    expect(HOLD_ENDS.filter(mayOpenAgain)).toEqual(['expired', 'given_back']);
  });
  it('in a way that the page does not know is no reason to try again', () => {
    expect(mayOpenAgain(holdEndOf('something_new'))).toBe(false);
  });
});
