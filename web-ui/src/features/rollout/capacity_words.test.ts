import { describe, expect, it } from 'vitest';
import { waitInWords, waitsByDeployment } from './capacity_words';

describe('capacity', () => {
  it('says how long a run will wait, with its interval', () => {
    const wait = { seconds: 720, low: 480, high: 1020, isMeasured: true };
    expect(waitInWords(wait, 'en')).toBe('12 min (8 min–17 min)');
    expect(waitInWords({ ...wait, low: 720, high: 720 }, 'en')).toBe('12 min');
  });
  it('counts what waits for each deployment, the longest first', () => {
    const wait = (deploymentId: string, since: string) => ({
      deploymentId,
      seriesId: 'series',
      since,
      expectedSeconds: 1,
    });
    expect(waitsByDeployment([wait('a', '1'), wait('b', '2'), wait('a', '3')])).toEqual([
      { deploymentId: 'a', runs: 2, since: '1' },
      { deploymentId: 'b', runs: 1, since: '2' },
    ]);
    expect(waitsByDeployment([])).toEqual([]);
  });
});
