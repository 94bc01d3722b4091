import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import * as accounts from './account_documents';
import * as afterSigning from './after_signing';
import * as capacity from './capacity';
import type { Document } from './client';
import * as discussions from './discussion_documents';
import * as documents from './documents';
import * as erasures from './erasure_documents';
import * as oversight from './oversight_documents';
import * as passkeys from './passkeys';
import * as qualityWatch from './quality_watch';
import * as quarantine from './quarantine';
import * as recallCampaigns from './recall_campaigns';
import * as teaching from './teaching_documents';
import * as worklist from './worklist_documents';

const schema = buildSchema(
  readFileSync(new URL('../../../gateway/schema.graphql', import.meta.url), 'utf8'),
);

describe('the questions of the pages', () => {
  const { CORRECTABLE, ...quarantineQuestions } = quarantine;
  it('the attributes that may be corrected are those of the schema', () => {
    const known = schema.getType('CorrectableAttribute');
    const values = isEnumType(known) ? known.getValues().map(({ name }) => name) : [];
    expect([...CORRECTABLE]).toEqual(values);
  });
  const { DISCUSSION_KINDS, SCORES, ...discussionQuestions } = discussions;
  it('the kinds and scores of discussions are those of the schema, in its order', () => {
    const valuesOf = (name: string) => {
      const known = schema.getType(name);
      return isEnumType(known) ? known.getValues().map((value) => value.name) : [];
    };
    expect([...DISCUSSION_KINDS]).toEqual(valuesOf('DiscussionKind'));
    expect([...SCORES]).toEqual(valuesOf('Radpeer'));
  });
  const questions = Object.entries({
    ...documents,
    ...discussionQuestions,
    ...teaching,
    ...accounts,
    ...afterSigning,
    ...passkeys,
    ...capacity,
    ...quarantineQuestions,
    ...oversight,
    ...erasures,
    ...recallCampaigns,
    ...worklist,
    ...qualityWatch,
  } as Record<string, Document<unknown, unknown>>);
  it.each(questions)('%s fits the schema of the gateway', (_name, question) => {
    expect(validate(schema, parse(question.text))).toEqual([]);
  });
});
