import { describe, expect, it } from 'vitest';
import { en } from './en';
import { ja } from './ja';

type Words = { [key: string]: string | Words };

function placeholders(words: Words, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string'
      ? [[`${path}${key}`, (value.match(/{{\w+}}/g) ?? []).sort().join(' ')]]
      : placeholders(value, `${path}${key}.`),
  );
}

describe('the catalogues', () => {
  it('say the same things, with the same values in them', () => {
    expect(placeholders(ja)).toEqual(placeholders(en));
  });
});
