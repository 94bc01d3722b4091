import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONFIRMING, STATEMENTS } from './statements';

const source = readFileSync(
  new URL('../../../../services/review/src/sign.rs', import.meta.url),
  'utf8',
);
/** Rust goes on in the next line of a text after a backslash. */
const recorded = source.replaceAll(/\\\n\s*/g, '');

describe('the statement shown above the password', () => {
  it.each(Object.entries(STATEMENTS))(
    'of %s is the one that is recorded',
    (_verdict, statement) => {
      expect(recorded).toContain(`"${statement}"`);
    },
  );
  it('of a confirmation begins as it is recorded', () => {
    expect(recorded).toContain(`"${CONFIRMING}"`);
  });
});
