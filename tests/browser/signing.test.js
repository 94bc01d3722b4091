/**
 * What a signature is made with, and what follows it, in a real browser against the real binary: a passkey that signs
 * exactly what was read, an addendum, and the same images under a corrected identity. The passkey's assertion is checked
 * here by nothing but its public key.
 */
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { after, before } from 'node:test';
import { ReadingRoom } from './pages/reading_room.js';
import { SignInPage } from './pages/sign_in.js';
import { WorklistPage } from './pages/worklist.js';
import { casesAs, ends, offeredTo, signs } from './src/api_readers.js';
import { askAs, instancesAs, newPerson } from './src/people.js';
import { sendStudy, studyUidOf } from './src/scanner.js';
import { Stage } from './src/stage.js';
import { until } from './src/until.js';

const GENERATION_MS = 180_000;
const CHAPTER_MS = 300_000;
const LUNG = 'Demo, Lung One';
const WRONG = { number: 61, name: 'Mixed^Up', patientId: 'MIX-1', sex: 'M', birthDate: '19440512' };
const RIGHT = { ...WRONG, name: 'Right^Person', patientId: 'RIGHT-1' };

const stage = new Stage('signing');
const chapter = (name, tell) => stage.chapter(name, CHAPTER_MS, tell);
let reader;
let quality;
let room;
/** Whole files of the demo's original. */
let files;

/** Browsers give passkeys to names: the page under its name, with a device that confirms at once whose finger it is. */
async function withDevice(username) {
  const address = stage.demo.address.replace('127.0.0.1', 'localhost');
  const person = await newPerson(stage.browser, address, username);
  stage.people[username] = person;
  const device = await person.context.newCDPSession(person.page);
  await device.send('WebAuthn.enable');
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const door = new SignInPage(person.page);
  await door.open();
  await door.signIn(username, stage.demo.passwordOf(username));
  await person.page.getByRole('navigation').waitFor();
  return person;
}

async function opens(patient) {
  const worklist = new WorklistPage(reader.page);
  await worklist.find(patient, GENERATION_MS);
  await worklist.select(patient);
  await worklist.start().click();
  const opened = new ReadingRoom(reader.page);
  await opened.waitUntilWhole();
  return opened;
}

const caseId = () => reader.page.url().split('/').at(-1);
const bytesOf = (text) => Buffer.from(text, 'base64url');

async function signatureOf(id) {
  const { data } = await askAs(
    reader,
    `query ($id: ID!) { case(id: $id) { myRead { signature { caseDigest contentDigest
      personalKey { publicKey nonce clientData authenticatorData signature } } } } }`,
    { id },
  );
  return data.case.myRead.signature;
}

/** A signature in DER as WebCrypto wants it: both numbers in 32 bytes. Source: RFC 3279, 2.2.3. */
function plainSignature(der) {
  const numbers = [];
  for (let at = 2; at < der.length; at += 2 + der[at + 1]) {
    const number = der.subarray(at + 2, at + 2 + der[at + 1]);
    numbers.push(Buffer.concat([Buffer.alloc(32), number]).subarray(-32));
  }
  return Buffer.concat(numbers);
}

const sha256 = async (bytes) => Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes));

/** Whether the key that is named signed a challenge over these digests. */
async function holds({ caseDigest, contentDigest, personalKey }) {
  const text = `countersign signature\n${personalKey.nonce}\n${caseDigest}\n${contentDigest}\n`;
  const clientData = bytesOf(personalKey.clientData);
  const { challenge, type } = JSON.parse(clientData);
  assert.equal(type, 'webauthn.get');
  if (challenge !== (await sha256(Buffer.from(text))).toString('base64url')) return false;
  const key = await webcrypto.subtle.importKey(
    'jwk',
    JSON.parse(personalKey.publicKey),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  );
  const over = Buffer.concat([bytesOf(personalKey.authenticatorData), await sha256(clientData)]);
  const signature = plainSignature(bytesOf(personalKey.signature));
  return webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, over);
}

before(() => stage.open());
after(() => stage.close());

chapter('a reader registers a passkey on the page of the own account', async () => {
  quality = await stage.arrives('quality');
  reader = await withDevice('rad1');
  await reader.page.goto('/account');
  const panel = reader.page.getByRole('region', { name: 'Passkeys' });
  await panel.getByText('You have none.').waitFor();
  await panel.getByLabel('What do you call it?').fill('Key on my ring');
  await panel.getByLabel('Present password').fill(stage.demo.passwordOf('rad1'));
  await panel.getByRole('button', { name: 'Register a passkey' }).click();
  await panel.getByText('Key on my ring').waitFor();
  await stage.look(reader.page, 'account-passkey');
});

chapter('it signs in place of the password, and what it says holds without us', async () => {
  await reader.page.goto('/worklist');
  room = await opens(LUNG);
  const id = caseId();
  const { data } = await askAs(
    reader,
    `query ($id: ID!) { case(id: $id) { study { studyInstanceUid }
      source { seriesInstanceUid instances { sopInstanceUid } } } }`,
    { id },
  );
  const { study, source } = data.case;
  const uids = source.instances.map(({ sopInstanceUid }) => sopInstanceUid);
  files = await instancesAs(reader, study.studyInstanceUid, source.seriesInstanceUid, uids);
  await room.compare();
  await room.seeRegions();
  await room.choose('a', 'Accept');
  await room.openSigningStrip();
  const strip = room.signingStrip();
  const sign = strip.getByRole('button', { name: 'Sign with a passkey' });
  assert.ok(await sign.isDisabled(), 'the first signature wants the name');
  await strip.getByLabel('Your user name').fill('rad1');
  await stage.look(reader.page, 'signing-passkey');
  await sign.click();
  await room.signedStrip().getByText('with a passkey').waitFor();
  const signature = await signatureOf(id);
  assert.ok(await holds(signature));
  assert.ok(!(await holds({ ...signature, contentDigest: signature.caseDigest })), 'over nothing else');
});

chapter('what is added stands beside the read, which no longer carries a release', async () => {
  await room.stay().catch(() => undefined);
  const strip = room.signedStrip();
  await strip.getByRole('button', { name: 'Add to it …' }).click();
  await strip.getByLabel('I would not sign it any more').check();
  await strip.getByText('Nothing is released on this read from now on').waitFor();
  await stage.look(reader.page, 'addendum-form');
  await strip.getByLabel('What is there to add?').fill('The apex is smoothed away on the lowest slices.');
  await strip.getByRole('button', { name: 'Add', exact: true }).click();
  await strip.getByRole('list', { name: 'Written since' }).waitFor();
  await stage.look(reader.page, 'addendum');
  const other = await stage.arrives('rad2');
  const offered = await offeredTo(other, 'Demo^Lung', GENERATION_MS);
  await signs(other, offered, 'ACCEPT', stage.demo.passwordOf('rad2'));
  await until('two accept and one doubts', async () => {
    const found = (await casesAs(quality)).find((one) => one.id === offered.id);
    return found.state === 'DISCORDANT';
  });
});

chapter('the same images under a corrected identity are confirmed in one step', async () => {
  const to = { folder: stage.folder, port: stage.demo.dicomPort };
  await sendStudy(files, WRONG, to);
  const other = stage.people.rad2;
  const wrong = await offeredTo(reader, 'Mixed^Up', GENERATION_MS);
  await signs(reader, wrong, 'ACCEPT', stage.demo.passwordOf('rad1'));
  await sendStudy(files, RIGHT, to);
  const coordinator = await stage.arrives('coordinator');
  const question = '{ studies(first: 50) { nodes { id studyInstanceUid } } }';
  const { data } = await askAs(coordinator, question);
  const study = data.studies.nodes.find(({ studyInstanceUid }) => studyInstanceUid === studyUidOf(WRONG));
  await until('the corrected study is taken', async () => {
    const settle = `mutation ($input: SettleIdentityInput!) { settleIdentity(input: $input) { refusal { code } } }`;
    const input = { studyId: study.id, decision: 'TAKE', reason: 'the wristband was read wrongly' };
    const answer = await askAs(coordinator, settle, { input });
    return answer.data?.settleIdentity.refusal === null;
  });
  await reader.page.goto('/worklist');
  room = await opens('Right, Person');
  const notice = reader.page.getByRole('region', { name: 'You have read these very images' });
  await notice.waitFor();
  await stage.look(reader.page, 'confirmation-offered');
  await notice.getByRole('button', { name: 'Confirm my read …' }).click();
  const strip = reader.page.getByRole('form', { name: 'You have read these very images' });
  await strip.getByText('Right, Person').waitFor();
  await stage.look(reader.page, 'confirmation');
  await strip.getByRole('button', { name: 'Sign with a passkey' }).click();
  await room.signedStrip().getByText('with a passkey').waitFor();
  const id = caseId();
  assert.ok(await holds(await signatureOf(id)));
  const right = await offeredTo(other, 'Right^Person', GENERATION_MS);
  assert.equal(right.id, id);
  await signs(other, right, 'ACCEPT', stage.demo.passwordOf('rad2'));
  await ends(quality, right, 'RELEASED');
  await quality.page.goto(`/cases/${id}`);
  await quality.page.getByText('confirmed under the corrected identity').waitFor();
  await stage.look(quality.page, 'case-confirmed');
  await quality.page.getByRole('link', { name: 'Signature record' }).click();
  const record = quality.page.getByRole('article');
  await record.getByText(/Demo Radiologist One, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, with a passkey/).waitFor();
  await record.getByText(/value for value and place for place/).waitFor();
  await stage.look(quality.page, 'signature-record');
  await quality.page.emulateMedia({ media: 'print' });
  assert.ok(!(await quality.page.getByRole('navigation').isVisible()), 'paper has no navigation');
  await quality.page.screenshot({ path: `${stage.screens}/signature-record-print.png`, fullPage: true });
  await quality.page.emulateMedia({ media: null });
});

chapter('a revoked passkey signs no more, and no page said that anything went wrong', async () => {
  await reader.page.goto('/account');
  const panel = reader.page.getByRole('region', { name: 'Passkeys' });
  await panel.getByRole('button', { name: 'Revoke Key on my ring' }).click();
  await panel.getByText('You have none.').waitFor();
  const faults = Object.values(stage.people).flatMap((person) => person.faults);
  assert.deepEqual(faults, []);
});
