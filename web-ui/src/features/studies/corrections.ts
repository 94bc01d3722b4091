/** What a person corrects in kept objects, and what came of an act on them. */

import { ask } from '../../api/client';
import {
  type CorrectableAttribute,
  discardQuarantinedMutation,
  type QuarantineGroup,
  type QuarantineOutcome,
  readmitQuarantinedMutation,
  type SentAttribute,
} from '../../api/quarantine';
import type { Refusal } from '../../api/types';

export type Entered = Partial<Record<CorrectableAttribute, string>>;

/** Fields in the order of the attributes that may be corrected, each with what was sent. */
export function fieldsOf(
  attributes: readonly CorrectableAttribute[],
  sent: readonly SentAttribute[],
): SentAttribute[] {
  const said = new Map(sent.map(({ attribute, value }) => [attribute, value]));
  return attributes.map((attribute) => ({ attribute, value: said.get(attribute) ?? '' }));
}

/** Only what differs from what was sent is a correction; space around a value is none. */
export function correctionsOf(fields: readonly SentAttribute[], entered: Entered): SentAttribute[] {
  return fields.flatMap(({ attribute, value }) => {
    const now = entered[attribute]?.trim();
    return now === undefined || now === value.trim() ? [] : [{ attribute, value: now }];
  });
}

/** Whether the objects can go on from here at all. */
export function mayReadmit(group: QuarantineGroup): boolean {
  return group.fix !== 'SENDER';
}

/** The outcome of acts one after the other: what was left by one is in the next. */
export function joined(one: QuarantineOutcome, next: QuarantineOutcome): QuarantineOutcome {
  return { ended: one.ended + next.ended, stillRefused: next.stillRefused, left: next.left };
}

interface Act {
  group: QuarantineGroup;
  reason: string;
}
type Acted = { outcome: QuarantineOutcome | null; refusal: Refusal | null };

/** Repeats an act until nothing is left that it didn't look at, or until it gets no further. */
export async function toTheEnd(act: () => Promise<Acted>): Promise<Acted> {
  let all = await act();
  while (all.outcome && all.outcome.left > 0) {
    const next = await act();
    if (!next.outcome) return next;
    const isStuck = next.outcome.ended === 0;
    all = { outcome: joined(all.outcome, next.outcome), refusal: null };
    if (isStuck) break;
  }
  return all;
}

const target = ({ group, reason }: Act) => ({
  entryId: group.id,
  receivedUntil: group.newestReceivedAt,
  reason,
});

export function readmit(act: Act, corrections: SentAttribute[]): Promise<Acted> {
  const input = { ...target(act), corrections };
  return toTheEnd(
    async () => (await ask(readmitQuarantinedMutation, { input })).readmitQuarantined,
  );
}

export function discard(act: Act): Promise<Acted> {
  const input = target(act);
  return toTheEnd(
    async () => (await ask(discardQuarantinedMutation, { input })).discardQuarantined,
  );
}
