import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';

const schema = buildSchema(
  readFileSync(new URL('../../../gateway/schema.graphql', import.meta.url), 'utf8'),
);
/** Which words stand for the values of which enumeration of the gateway. */
const WORDS = {
  Role: en.people.role,
  AccountChangeKind: en.people.account.change,
  CaseState: en.caseState,
  Stage: en.stage,
  SendState: en.sendState,
  RejectionNoteState: en.rejectionNote,
  RejectionNoteClosure: en.rejectionClosure,
  RecallCampaignState: en.campaignState,
  SelectedState: en.selectedState,
  SeriesState: en.seriesState,
  RunState: en.runState,
  ProposalState: en.proposalState,
  Verdict: en.verdict,
  FindingKind: en.finding,
  Severity: en.severity,
  Disposition: en.disposition,
  RegionKind: en.reading.regionKind,
  GroupBy: en.figures.groupBy,
  Span: en.figures.span,
  WatchedOutcome: en.watch.outcome,
  ChartBy: en.watch.by,
  DriftStatistic: en.watch.statistic,
  NoticeKind: en.watch.notice,
};

describe('the words of the pages', () => {
  it.each(Object.entries(WORDS))('name every %s of the gateway', (name, words) => {
    const type = schema.getType(name);
    if (!isEnumType(type)) throw new Error(`${name} is no enumeration`);
    const values = type.getValues().map((value) => value.name);
    expect(Object.keys(words).sort()).toEqual(values.sort());
  });
});
