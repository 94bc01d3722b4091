/** Readers who act by the API, where a story is about what comes after. */
import assert from 'node:assert/strict';
import { askAs } from './people.js';
import { until } from './until.js';

const CASES = `{ cases(first: 50) { nodes { id state caseDigest study { id studyInstanceUid patient { name } }
  source { seriesInstanceUid instances { sopInstanceUid } } } } }`;

/** Every case, as quality sees it. */
export async function casesAs(person) {
  const { data } = await askAs(person, CASES);
  return data.cases.nodes;
}

export function caseOf(person, patient, limitMs) {
  return until(
    `a case of ${patient}`,
    async () => (await casesAs(person)).find(({ study }) => study.patient.name.startsWith(patient)),
    limitMs,
  );
}

async function acts(person, name, input) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { case { id } refusal { message } } }`;
  const { data } = await askAs(person, mutation, { input });
  assert.equal(data?.[name].refusal, null, `${person.username} ${name}`);
}

export async function opens(person, { id }) {
  await acts(person, 'openCase', { caseId: id });
}

export async function signs(person, found, verdict, password) {
  await opens(person, found);
  const { id: caseId, caseDigest } = found;
  await acts(person, 'signRead', { caseId, verdict, caseDigest, username: person.username, password });
}

export function ends(person, { id }, state) {
  return until(`the case is ${state}`, async () => {
    const found = (await casesAs(person)).find((one) => one.id === id);
    return found.state === state;
  });
}
