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

export function caseOf(person, patient, limitMs, wanted) {
  const isIt = ({ study, state }) =>
    study.patient.name.startsWith(patient) && (wanted === undefined || state === wanted);
  return until(`a case of ${patient}`, async () => (await casesAs(person)).find(isIt), limitMs);
}

const OFFERED = '{ worklist(first: 50) { nodes { id caseDigest study { patient { name } } } } }';

/** A patient's case that a reader may take. */
export function offeredTo(reader, patient, limitMs) {
  const find = async () => {
    const { data } = await askAs(reader, OFFERED);
    return data.worklist.nodes.find(({ study }) => study.patient.name.startsWith(patient));
  };
  return until(`a case of ${patient} is offered to ${reader.username}`, find, limitMs);
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

const REGIONS = `query ($id: ID!) { case(id: $id) { regions { index firstSlice lastSlice } } }`;

/** What a page would have counted when the slices of the regions were displayed at 1:1. */
async function viewingOf(person, id) {
  const { data } = await askAs(person, REGIONS, { id });
  const regions = data.case.regions.map(({ index, firstSlice, lastSlice }) => ({
    region: index,
    slices: Array.from({ length: lastSlice - firstSlice + 1 }, (_, place) => firstSlice + place),
  }));
  const slices = new Set([0, ...regions.flatMap((region) => region.slices)]).size;
  const ms = 150 * slices;
  const displayed = { slices, slicesFull: slices, ms, msFull: ms };
  return {
    original: displayed,
    image: displayed,
    originalAloneMs: ms,
    regions,
    screen: { densityPercent: 100, columns: 1920, rows: 1080 },
  };
}

export async function signs(person, found, verdict, password) {
  await opens(person, found);
  const { id: caseId, caseDigest } = found;
  const viewing = await viewingOf(person, caseId);
  const signature = { caseDigest, username: person.username, password };
  await acts(person, 'signRead', { caseId, verdict, viewing, ...signature });
}

export function ends(person, { id }, state) {
  return until(`the case is ${state}`, async () => {
    const found = (await casesAs(person)).find((one) => one.id === id);
    return found.state === state;
  });
}
