import { describe, expect, it } from 'vitest';
import { sha256Of } from './merkle';
import { isCommitted, readPersonal } from './personal';

const SALT = '03'.repeat(32);
const NAMES = '{"printed_name":"Dr. Yamada","username":"yamada"}';

async function committed(content: string): Promise<string> {
  const salt = new Uint8Array(32).fill(3);
  return Buffer.from(await sha256Of(salt, new TextEncoder().encode(content))).toString('hex');
}

describe('what is personal in an entry', () => {
  it('is shown when it is what was committed to', async () => {
    const parts = readPersonal(`actor\t${SALT}\t${NAMES}`);
    expect(parts[0]?.content).toEqual({ printed_name: 'Dr. Yamada', username: 'yamada' });
    expect(await isCommitted({ actor: await committed(NAMES) }, parts)).toBe(true);
  });
  it('is not believed with another name, salt, part or number of parts', async () => {
    const commitments = { actor: await committed(NAMES) };
    for (const line of [
      `actor\t${SALT}\t${NAMES.replace('yamada', 'suzuki')}`,
      `actor\t${'04'.repeat(32)}\t${NAMES}`,
      `subject\t${SALT}\t${NAMES}`,
      `actor\t${SALT}\t${NAMES}\tsubject\t${SALT}\t"x"`,
      `actor\tshort\t${NAMES}`,
    ]) {
      expect(await isCommitted(commitments, readPersonal(line)), line).toBe(false);
    }
  });
  it('may be erased, and the rest is still held against its commitment', async () => {
    const commitments = { actor: await committed(NAMES), reason: await committed('"abc"') };
    const erased = `actor\terased\t2026-11-28T09:00:00Z\treason\t${SALT}\t`;
    expect(await isCommitted(commitments, readPersonal(`${erased}"abc"`))).toBe(true);
    expect(await isCommitted(commitments, readPersonal(`${erased}"abd"`))).toBe(false);
  });
});
