import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Document } from './client';
import * as documents from './rollout_documents';
import * as sites from './site_documents';

const schema = buildSchema(
  readFileSync(new URL('../../../gateway/schema.graphql', import.meta.url), 'utf8'),
);

describe('the questions of the rollout console', () => {
  const questions = Object.entries({ ...documents, ...sites } as Record<
    string,
    Document<unknown, unknown>
  >);
  it.each(questions)('%s fits the schema of the gateway', (_name, question) => {
    expect(validate(schema, parse(question.text))).toEqual([]);
  });
});
