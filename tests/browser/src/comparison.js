/** Another version of the reference model beside the one in use, and a comparison of the two: by command and API. */
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { askAs } from './people.js';
import { runProgram } from './processes.js';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
/** Newer than any that is shipped. */
const VERSION = '99.0.2';
const CHAMPION = 'Low-dose CT of chest and head';

async function commands(person, name, payload, input) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { ${payload} refusal { message } } }`;
  const { data, errors } = await askAs(person, mutation, { input });
  assert.equal(data?.[name].refusal, null, `${name}: ${JSON.stringify(errors ?? data)}`);
  return data[name];
}

/** The reference model under another version, signed by a publisher whom this site trusts, and taken in. */
async function takesIn({ demo, folder, data }, admin) {
  const model = path.join(folder, 'next-version');
  await cp(path.join(REPOSITORY, 'models/ct-denoise'), model, { recursive: true });
  await cp(path.join(REPOSITORY, 'LICENSE'), path.join(model, 'LICENSE'));
  const described = path.join(model, 'model.toml');
  const text = await readFile(described, 'utf8');
  await writeFile(described, text.replace(/^version = ".*"$/m, `version = "${VERSION}"`));
  const keys = path.join(data, 'publishers');
  await runProgram(demo.binary, ['model', 'sign', model, '--keys', keys, '--publisher', 'maker']);
  await runProgram(demo.binary, ['model', 'import', model, '--data', data]);
  const { data: known } = await askAs(admin, '{ models { id version } }');
  return known.models.find(({ version }) => version === VERSION).id;
}

/** An administrator declares a comparison of the version in use with the next one, and names who reads the pairs. */
export async function beginsComparison(stage, admin, reader) {
  const modelId = await takesIn(stage, admin);
  const rule = {
    ...{ modality: 'CT', bodyParts: ['CHEST', 'HEAD'], bodyPartWords: [], seriesDescriptionContains: [] },
    ...{ protocolNameContains: [], manufacturers: [], kernels: [], senders: [], instanceCountMin: 8 },
  };
  const created = await commands(admin, 'createDeployment', 'deployment { id }', {
    ...{ name: 'The next version', modelId, site: 'demo', rule, pool: 'cpu', reason: 'is it better?' },
    ...{ matchedSeen: 0, lookedAt: 0 },
  });
  const { data } = await askAs(admin, '{ deployments { id name } }');
  await commands(admin, 'startComparison', 'comparison { state }', {
    championId: data.deployments.find(({ name }) => name === CHAMPION).id,
    challengerId: created.deployment.id,
    plan: { margin: 0, alpha: 0.025, looks: [10], readers: 1, drawPerMille: 1000 },
    reason: 'is it better?',
  });
  await commands(admin, 'grantCredential', 'credential { id }', {
    ...{ username: reader, modality: 'CT', task: 'denoise', purpose: 'EVALUATION' },
    validUntil: '2126-01-01T00:00:00Z',
  });
}

/** Nothing else is read at shadow, so that pairs wait for the patient's own case only. */
export async function readsPairsOnly(quality) {
  const input = { reason: 'the comparison comes first', evaluationPerMille: 0 };
  await commands(quality, 'changeReviewPolicy', 'policy { version }', input);
}
