import { describe, expect, it } from 'vitest';
import type { QuarantineOutcome, SentAttribute } from '../../api/quarantine';
import { correctionsOf, fieldsOf, joined, toTheEnd } from './corrections';

const sent: SentAttribute[] = [
  { attribute: 'PATIENT_NAME', value: 'Doe^Jane ' },
  { attribute: 'PATIENT_ID', value: 'SOMEBODY ELSE' },
];
const outcome = (ended: number, left: number): QuarantineOutcome => ({
  ended,
  left,
  stillRefused: [],
});

describe('what is corrected', () => {
  it('is what differs from what was sent, and nothing else', () => {
    const fields = fieldsOf(['PATIENT_ID', 'PATIENT_NAME'], sent);
    expect(correctionsOf(fields, {})).toEqual([]);
    expect(correctionsOf(fields, { PATIENT_NAME: 'Doe^Jane', PATIENT_ID: ' RIGHT ' })).toEqual([
      { attribute: 'PATIENT_ID', value: 'RIGHT' },
    ]);
  });
  it('may be emptied', () => {
    const fields = fieldsOf(['PATIENT_ID'], sent);
    expect(correctionsOf(fields, { PATIENT_ID: '' })).toEqual([
      { attribute: 'PATIENT_ID', value: '' },
    ]);
  });
  it('begins empty where the object says nothing, in the order of the server', () => {
    expect(fieldsOf(['STUDY_INSTANCE_UID', 'PATIENT_ID'], sent)).toEqual([
      { attribute: 'STUDY_INSTANCE_UID', value: '' },
      { attribute: 'PATIENT_ID', value: 'SOMEBODY ELSE' },
    ]);
  });
});

describe('an act on many', () => {
  const answers = (...outcomes: (QuarantineOutcome | null)[]) => {
    let asked = 0;
    const act = async () => {
      const outcome = outcomes[asked++] ?? null;
      const refusal = outcome ? null : { code: 'gone', message: 'gone', remedy: 'none' };
      return { outcome, refusal };
    };
    return { act, asked: () => asked };
  };
  it('goes on until nothing is left', async () => {
    const { act, asked } = answers(outcome(100, 250), outcome(200, 50), outcome(50, 0));
    expect(await toTheEnd(act)).toEqual({ outcome: outcome(350, 0), refusal: null });
    expect(asked()).toBe(3);
  });
  it('stops where it gets no further', async () => {
    const { act, asked } = answers(outcome(100, 250), outcome(0, 250), outcome(0, 250));
    expect((await toTheEnd(act)).outcome?.left).toBe(250);
    expect(asked()).toBe(2);
  });
  it('says when it is refused on the way', async () => {
    const { act } = answers(outcome(100, 250), null);
    expect((await toTheEnd(act)).refusal?.code).toBe('gone');
  });
  it('names what is still refused once', () => {
    const refused = { code: 'a', message: 'b', remedy: 'c', entries: 2 };
    const first = { ...outcome(1, 3), stillRefused: [refused] };
    expect(joined(first, { ...outcome(1, 0), stillRefused: [refused] }).stillRefused).toHaveLength(
      1,
    );
  });
});
