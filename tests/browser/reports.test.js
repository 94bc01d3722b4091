/**
 * What users of comparable systems saw, tried on the real pages: an ended login in the middle of a case, and findings
 * that wander.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before } from 'node:test';
import { Lock } from './pages/lock.js';
import { PANES, ReadingRoom } from './pages/reading_room.js';
import { SignInPage } from './pages/sign_in.js';
import { WorklistPage } from './pages/worklist.js';
import { caseOf, opens, signs } from './src/api_readers.js';
import { axeFindings, askAs, instancesAs, newPerson } from './src/people.js';
import { pixelUnder } from './src/place.js';
import { runProgram } from './src/processes.js';
import { sendStudy } from './src/scanner.js';
import { readSlice } from './src/slice_file.js';
import { Stage } from './src/stage.js';
import { until } from './src/until.js';

const GENERATION_MS = 300_000;
const CHAPTER_MS = 420_000;
const LUNG = 'Demo, Lung One';
const COLE = { number: 21, name: 'Cole^Iris', patientId: 'STORY-21', sex: 'F', birthDate: '19550611' };

/** Pages are waited for as long as a machine that does other things may need. */
const stage = new Stage('reports', { patienceMs: 60_000 });
const { people } = stage;
const chapter = (name, tell) => stage.chapter(name, CHAPTER_MS, tell);
const password = (username) => stage.demo.passwordOf(username);
/** The slices of the original, lowest first, and the case that they are of. */
let slices;
let lung;
/** The findings of R11 as the server has them. */
let marked;

const CASE = `query ($id: ID!) { case(id: $id) { id state caseDigest
  study { id studyInstanceUid } source { seriesInstanceUid instances { sopInstanceUid slice } }
  derived { role seriesInstanceUid instances { sopInstanceUid } }
  draft { version comment findings { kind centreMm diameterMm } }
  myRead { id verdict comment isFinal findings { kind centreMm diameterMm } signature { caseDigest } }
  reads { id verdict findings { kind centreMm diameterMm } signature { caseDigest } } } }`;

const seenBy = async (person, id) => (await askAs(person, CASE, { id })).data.case;

async function opensRoom(person, patient) {
  const worklist = new WorklistPage(person.page);
  await person.page.goto('/worklist');
  await worklist.find(patient, GENERATION_MS);
  await worklist.select(patient);
  await worklist.start().click();
  const room = new ReadingRoom(person.page);
  await room.waitUntilWhole();
  return room;
}

/** Goes to a slice by its number, from the first one. */
async function goTo(room, number) {
  await room.press('Home');
  await until('the first slice', async () => (await room.place('original')).slice === 1);
  for (let at = 2; at <= number; at += 1) await room.press('ArrowDown');
  await until(`slice ${number}`, async () => (await room.place('original')).slice === number);
}

const near = (one, two, within) =>
  one.every((value, axis) => Math.abs(value - two[axis]) <= within);

/** The same findings, to a tenth of a millimetre. */
function assertSame(found, expected, where) {
  assert.equal(found.length, expected.length, where);
  for (const [index, finding] of found.entries()) {
    const { kind, centreMm, diameterMm } = expected[index];
    assert.equal(finding.kind, kind, where);
    assert.ok(near(finding.centreMm, centreMm, 0.1), `${where}: ${finding.centreMm} is not ${centreMm}`);
    assert.ok(Math.abs(finding.diameterMm - diameterMm) <= 0.1, `${where}: ${finding.diameterMm} mm`);
  }
}

before(() => stage.open());
after(() => stage.close());

chapter('people arrive, and another study', async () => {
  for (const username of ['rad1', 'rad2', 'rad3', 'quality']) await stage.arrives(username);
  lung = await caseOf(people.quality, 'Demo^Lung', GENERATION_MS);
  await opens(people.rad1, lung);
  const { source, study } = lung;
  const uids = source.instances.map(({ sopInstanceUid }) => sopInstanceUid);
  const files = await instancesAs(people.rad1, study.studyInstanceUid, source.seriesInstanceUid, uids);
  slices = await Promise.all(files.map((bytes, index) => readSlice(bytes, stage.folder, `slice-${index}`)));
  slices.sort((a, b) => a.origin[2] - b.origin[2]);
  await sendStudy(files, COLE, { folder: stage.folder, port: stage.demo.dicomPort });
});

const instancesIn = (found, series) =>
  series.instances.map(
    ({ sopInstanceUid }) =>
      `/dicom-web/studies/${found.study.studyInstanceUid}/series/${series.seriesInstanceUid}/instances/${sopInstanceUid}`,
  );

/** Ends the login session of a page from elsewhere, as an administrator's or another window's sign-out would. */
async function endLoginOf(person) {
  const cookie = (await person.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = { 'content-type': 'application/json', cookie, origin: stage.demo.address };
  const ask = (query) =>
    fetch(`${stage.demo.address}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const answer = await (await ask('mutation { signOut { ok refusal { code } } }')).json();
  assert.equal(answer.data?.signOut.ok, true, JSON.stringify(answer));
  return {
    get: (address) => fetch(`${stage.demo.address}${address}`, { headers: { ...headers, accept: 'application/dicom' } }),
    ask,
  };
}

/** Keeps the images of a page back after the first few, until they are let go. */
async function holdImagesBack(page, letThrough) {
  const held = [];
  let asked = 0;
  let isOpen = false;
  await page.route('**/dicom-web/**/instances/**', (route) => {
    asked += 1;
    if (isOpen || asked <= letThrough) return route.continue();
    held.push(route);
    return undefined;
  });
  return {
    count: () => held.length,
    letGo: async () => {
      isOpen = true;
      await Promise.all(held.splice(0).map((route) => route.continue()));
    },
  };
}

chapter('r30_a_login_that_ends_during_a_case_is_renewed_in_place_and_loses_nothing', async () => {
  const one = people.rad1;
  const { page } = one;
  const sockets = [];
  page.on('websocket', (socket) => {
    const seen = { ended: false };
    socket.on('close', () => {
      seen.ended = true;
    });
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('"complete"')) seen.ended = true;
    });
    sockets.push(seen);
  });
  const images = await holdImagesBack(page, 6);
  const worklist = new WorklistPage(page);
  await page.goto('/worklist');
  await worklist.find('Cole, Iris', GENERATION_MS);
  await worklist.select('Cole, Iris');
  await worklist.start().click();
  const room = new ReadingRoom(page);
  await room.pane('original').locator('canvas').waitFor();
  await until('images that have not come yet', () => images.count() > 0);
  const id = page.url().split('/').at(-1);
  const comment = page.getByLabel('Comment');
  await comment.fill('Seen so far: nothing.');
  await until('a saved draft', async () => (await seenBy(one, id)).draft?.comment === 'Seen so far: nothing.');
  const known = await seenBy(one, id);
  const before = sockets.length;
  const revoked = await endLoginOf(one);
  const [address] = instancesIn(known, known.source);
  assert.equal((await revoked.get(address)).status, 401, 'no pixel for a login that was ended');
  const asked = await (await revoked.ask(`{ case(id: "${id}") { id } }`)).json();
  assert.equal(asked.data?.case ?? null, null, 'no case for a login that was ended');
  await comment.fill('Seen so far: nothing. Then this.');
  const lock = new Lock(page);
  await lock.dialog().waitFor();
  await images.letGo();
  await until('what listened has ended', () => sockets.slice(0, before).every(({ ended }) => ended));
  await page.screenshot({ path: path.join(stage.screens, 'locked.png'), animations: 'disabled' });
  assert.deepEqual(await axeFindings(page), [], 'accessibility of the lock');
  await lock.signIn(password('rad1'));
  await room.waitUntilWhole();
  assert.equal(await comment.inputValue(), 'Seen so far: nothing. Then this.');
  await until('the draft is saved after all', async () =>
    (await seenBy(one, id)).draft?.comment === 'Seen so far: nothing. Then this.');
  await until('somebody listens again', () => sockets.length > before && !sockets.at(-1).ended);
  await comment.blur();
  await room.compare();
  await room.seeRegions();
  await room.choose('a', 'Accept');
  await room.openSigningStrip();
  await room.sign('rad1', password('rad1'));
  await room.signedStrip().waitFor();
  await room.stay();
  await room.leave();
  await worklist.view('Ready').waitFor();
  const unexpected = one.faults.filter((fault) => !fault.includes('401'));
  assert.deepEqual(unexpected, []);
  one.faults.length = 0;
});

/** Three findings on three slices, of original and AI, each pulled to a size of its own. */
const MARKS = [
  { key: '1', slice: 3, pane: 'ai', at: [0.4, 0.55], to: [0.44, 0.55] },
  { key: '2', slice: 8, pane: 'original', at: [0.55, 0.6], to: [0.58, 0.6] },
  { key: '5', slice: 14, pane: 'difference', at: [0.6, 0.4], to: [0.65, 0.4] },
];

chapter('findings are marked on three slices, in three panes', async () => {
  const one = people.rad1;
  const room = await opensRoom(one, LUNG);
  await room.compare();
  const expected = [];
  for (const { key, slice, pane, at, to } of MARKS) {
    await goTo(room, slice);
    const under = await pixelUnder(room, slices, pane, ...at);
    const end = await pixelUnder(room, slices, pane, ...to);
    const radius = (end.column - under.column) * under.slice.columnSpacing;
    // Half a pixel of the screen is what a pointer can be off.
    const within = 0.75 / under.scale;
    expected.push({ centre: under.slice.point(under.column, under.row), diameter: 2 * radius, within });
    await room.press('m');
    await room.press(key);
    await room.pull(pane, at, to);
    await until(`${expected.length} findings`, async () => (await room.findings().count()) === expected.length);
    for (const shown of PANES) {
      assert.equal(await room.pane(shown).locator('.mark-finding').count(), 1, `${shown} on slice ${slice}`);
    }
  }
  await until('a saved draft', async () => (await seenBy(one, lung.id)).draft?.findings.length === 3);
  marked = (await seenBy(one, lung.id)).draft.findings;
  for (const [index, { centre, diameter, within }] of expected.entries()) {
    const { centreMm, diameterMm } = marked[index];
    assert.ok(near(centreMm, centre, within), `${centreMm} is not ${centre}`);
    assert.ok(Math.abs(diameterMm - diameter) <= 4 * within, `${diameterMm} is not ${diameter}`);
  }
});

/** Where the mark on a pane lies in the patient, and how large it is there, from its place on the screen. */
async function markOn(room, pane) {
  const outer = await room.pane(pane).boundingBox();
  const circle = room.pane(pane).locator('.mark-finding circle');
  const box = await circle.boundingBox();
  const part = (start, size, from, whole) => (start + size / 2 - from) / whole;
  const x = part(box.x, box.width, outer.x, outer.width);
  const y = part(box.y, box.height, outer.y, outer.height);
  const { slice, column, row, scale } = await pixelUnder(room, slices, pane, x, y);
  const radius = Number(await circle.getAttribute('r'));
  return { centre: slice.point(column, row), diameter: (2 * radius) / scale, within: 1 / scale };
}

/** Each finding stands where it was marked, on its own slice and on none between. */
async function assertMarksStand(room, where) {
  if ((await room.pane('uncertainty').count()) === 0) await room.compare();
  await room.page.evaluate(() => document.activeElement?.blur());
  // The whole image again, after the walk through the regions came close.
  await room.press(' ');
  for (const [index, { slice, pane }] of MARKS.entries()) {
    await goTo(room, slice);
    const { centreMm, diameterMm } = marked[index];
    await until(`mark ${index + 1} on slice ${slice}, ${where}, at ${centreMm}, ${diameterMm} mm`, async () => {
      const { centre, diameter, within } = await markOn(room, pane);
      const stands = near(centre, centreMm, within) && Math.abs(diameter - diameterMm) <= 2 * within;
      if (!stands) throw new Error(`it is at ${centre}, ${diameter} mm`);
      return true;
    });
  }
  await goTo(room, 11);
  assert.equal(await room.pane('ai').locator('.mark-finding').count(), 0, `${where}: a mark between`);
}

chapter('r11_findings_stay_on_their_slices_over_reload_and_another_browser', async () => {
  const one = people.rad1;
  await one.page.reload();
  const room = new ReadingRoom(one.page);
  await room.waitUntilWhole();
  await assertMarksStand(room, 'after a reload');
  const elsewhere = await newPerson(stage.browser, stage.demo.address, 'rad1');
  const door = new SignInPage(elsewhere.page);
  await door.open();
  await door.signIn('rad1', password('rad1'));
  await elsewhere.page.getByRole('navigation').waitFor();
  const there = await opensRoom(elsewhere, LUNG);
  await assertMarksStand(there, 'in another browser');
  await there.page.screenshot({ path: path.join(stage.screens, 'findings-elsewhere.png'), animations: 'disabled' });
  assert.deepEqual(elsewhere.faults, []);
  await elsewhere.context.close();
  assertSame((await seenBy(one, lung.id)).draft.findings, marked, 'the draft');
});

/** The points of every finding in a report: circles and points in patient coordinates. */
async function findingsOfReports() {
  const found = [];
  for (const name of await stage.pacs.files()) {
    const file = path.join(stage.folder, 'pacs', name);
    const { stdout } = await runProgram('dcmdump', ['+L', '+P', '0070,0022', '+P', '0008,0060', file]);
    if (/\(0008,0060\) CS \[SR\]/.test(stdout)) found.push(stdout);
  }
  return found;
}

chapter('r11_findings_are_the_same_signed_adjudicated_and_in_the_report', async () => {
  const one = people.rad1;
  const room = new ReadingRoom(one.page);
  await room.seeRegions();
  await room.choose('x', 'Reject');
  await room.openSigningStrip();
  await room.sign('rad1', password('rad1'));
  await room.signedStrip().waitFor();
  await room.stay();
  assertSame((await seenBy(one, lung.id)).myRead.findings, marked, 'the signed read');
  await assertMarksStand(room, 'after the signature');
  await signs(people.rad2, lung, 'ACCEPT', password('rad2'));
  const three = people.rad3;
  const theirs = await opensRoom(three, LUNG);
  assert.equal(await theirs.findings().count(), 0, 'nothing of the others before the own read');
  await theirs.compare();
  await theirs.seeRegions();
  await theirs.choose('a', 'Accept');
  await theirs.openSigningStrip();
  await theirs.sign('rad3', password('rad3'));
  await theirs.signedStrip().getByText('Reader α').waitFor();
  const { reads } = await seenBy(three, lung.id);
  const rejecting = reads.find(({ verdict }) => verdict === 'REJECT');
  assertSame(rejecting.findings, marked, 'what the adjudicator sees');
  const sent = () => findingsOfReports();
  const reports = await until('the report with three findings', async () => {
    const all = await sent();
    return all.find((text) => (text.match(/\(0070,0022\)/g) ?? []).length >= 3) && all;
  }, 120_000);
  const numbers = reports
    .flatMap((text) => [...text.matchAll(/\(0070,0022\) FL ([-\d.\\e]+)/g)])
    .map(([, list]) => list.split('\\').map(Number));
  for (const { centreMm } of marked) {
    const meanOf = (list) => [0, 1, 2].map((axis) => {
      const values = list.filter((_, at) => at % 3 === axis);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    assert.ok(numbers.some((list) => near(meanOf(list), centreMm, 0.1)), `${centreMm} is in no report`);
  }
});

chapter('no page had an error', () => {
  const faults = Object.values(people).flatMap((person) => person.faults);
  assert.deepEqual(faults, []);
});
