import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Document } from './client';
import * as documents from './documents';
import * as erasures from './erasure_documents';
import * as oversight from './oversight_documents';
import * as qualityWatch from './quality_watch';
import * as worklist from './worklist_documents';

const schema = buildSchema(
  readFileSync(new URL('../../../gateway/schema.graphql', import.meta.url), 'utf8'),
);

describe('the questions of the pages', () => {
  const questions = Object.entries({
    ...documents,
    ...oversight,
    ...erasures,
    ...worklist,
    ...qualityWatch,
  } as Record<string, Document<unknown, unknown>>);
  it.each(questions)('%s fits the schema of the gateway', (_name, question) => {
    expect(validate(schema, parse(question.text))).toEqual([]);
  });
});
