/**
 * One case, all the way, in a real browser against the real binary: two people sign, the image leaves; two
 * people differ, a third decides; a deployment is stopped, and what was open is held.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before } from 'node:test';
import { CasesPage, RolloutPage } from './pages/oversight.js';
import { PANES, ReadingRoom } from './pages/reading_room.js';
import { Shell } from './pages/shell.js';
import { SignInPage } from './pages/sign_in.js';
import { WorklistPage } from './pages/worklist.js';
import { canvasesFit } from './src/canvas.js';
import { caseDigestOf } from './src/digest.js';
import {
  askAs,
  axeFindings,
  instancesAs,
  LARGE,
  layoutShift,
  SMALL,
} from './src/people.js';
import { widestShown } from './src/model.js';
import { keepPicture } from './src/picture.js';
import { sendStudy, studyUidOf } from './src/scanner.js';
import { Stage } from './src/stage.js';
import { until } from './src/until.js';

/** The pictures of the documentation are only made anew when that is asked for. */
const PICTURES = process.env.COUNTERSIGN_PICTURES && path.join(import.meta.dirname, '../../docs/screens');
/** The AI's work on one series, in a debug build on a busy machine. */
const GENERATION_MS = 180_000;
/** No chapter takes longer, whatever waits for whatever. */
const CHAPTER_MS = 240_000;
const LUNG = 'Demo, Lung One';
const SECOND = { number: 2, name: 'Story^Second', patientId: 'STORY-2', sex: 'F', birthDate: '19600402' };
const THIRD = { number: 3, name: 'Story^Third', patientId: 'STORY-3', sex: 'M', birthDate: '19710930' };
const CHEST = 'Low-dose CT of chest and head';
const ABDOMEN = 'Low-dose CT of the abdomen';

const stage = new Stage('story');
const { people } = stage;
const chapter = (name, tell) => stage.chapter(name, CHAPTER_MS, tell);
/** What the first reader's browser was given: the case, its objects. */
const first = {};

async function shoot(page, name) {
  await until('every pane is drawn in its size', () => canvasesFit(page));
  await page.screenshot({ path: path.join(stage.screens, `${name}.png`), animations: 'disabled' });
}

/** A picture of the page, and nothing that stands in the way of a person who can't see it. */
async function look(page, name) {
  await shoot(page, name);
  assert.deepEqual(await axeFindings(page), [], `accessibility of ${name}`);
}

async function lookSmall(page, name) {
  await page.setViewportSize(SMALL);
  await page.mouse.move(0, 0);
  await shoot(page, name);
  if (PICTURES && name in KEPT) await keepPicture(page, path.join(PICTURES, KEPT[name]));
  await page.setViewportSize(LARGE);
}

/** Which small screens stand in the documentation. */
const KEPT = { 'worklist-two-small': 'worklist.png', 'room-finding-small': 'reading-room.png' };

/** Opens a patient's case and looks at the AI image beside the original. */
async function opens(person, patient) {
  const worklist = new WorklistPage(person.page);
  await worklist.find(patient, GENERATION_MS);
  await worklist.select(patient);
  await worklist.start().click();
  const room = new ReadingRoom(person.page);
  await room.waitUntilWhole();
  await room.compare();
  return room;
}

async function signs(person, room, key, verdict) {
  await room.seeRegions();
  await room.choose(key, verdict);
  await room.openSigningStrip();
  await room.sign(person.username, stage.demo.passwordOf(person.username));
  await room.signedStrip().waitFor();
}

async function signsAndStays(person, room, key, verdict) {
  await signs(person, room, key, verdict);
  await room.stay();
}

const CASE_OF_SIGNER = `query ($id: ID!) { case(id: $id) { state availability draft { version } myRead { id }
  reads { id signature { printedName } } sends { id } history { index } } }`;

const caseIdOf = (person) => person.page.url().split('/').at(-1);

before(() => stage.open());
after(() => stage.close());

chapter('a wrong password is refused with the reason, a right one opens the worklist', async () => {
  const person = await stage.knocks('rad1');
  const door = new SignInPage(person.page);
  await look(person.page, 'sign-in');
  await door.signIn('rad1', 'not the password');
  await door.refusal().waitFor();
  await door.signIn('rad1', stage.demo.passwordOf('rad1'));
  await person.page.getByRole('navigation').waitFor();
  assert.deepEqual(await new Shell(person.page).places(), ['Worklist', 'Studies', 'Peer learning', 'Models']);
});

chapter('the case of the demo reaches the worklist by itself', async () => {
  const { page } = people.rad1;
  const worklist = new WorklistPage(page);
  await worklist.waitFor(LUNG, GENERATION_MS);
  await worklist.select(LUNG);
  await page.getByRole('complementary', { name: 'Selected case' }).getByText('DEMO-LUNG1').waitFor();
  await look(page, 'worklist');
  await lookSmall(page, 'worklist-small');
});

chapter('the original is read first and alone', async () => {
  const { page } = people.rad1;
  await new WorklistPage(page).start().click();
  const room = new ReadingRoom(page);
  await room.waitUntilWhole();
  assert.equal(await page.locator('[data-pane]').count(), 1);
  assert.equal(await room.verdict('Accept').first().isDisabled(), true);
  const identity = await room.identity();
  for (const fact of [LUNG, 'DEMO-LUNG1', '2025-01-01', 'Chest CT, simulated quarter dose', CHEST]) {
    assert.ok(identity.includes(fact), `${fact} in ${identity}`);
  }
  await look(page, 'room-original');
  assert.ok((await layoutShift(page)) < 0.01, `the page moved by ${await layoutShift(page)}`);
});

chapter('four panes show the same place, each with its own kind of picture', async () => {
  const { page } = people.rad1;
  const room = new ReadingRoom(page);
  await room.compare();
  for (const pane of PANES) {
    await until(`a picture in ${pane}`, async () => (await room.figures(pane)).levels > 60);
  }
  for (const pane of ['original', 'ai']) {
    const figures = await room.figures(pane);
    assert.equal(figures.grey, 1, `${pane} is grey: ${JSON.stringify(figures)}`);
    assert.ok(figures.levels > 200 && figures.mean > 20, JSON.stringify(figures));
    assert.deepEqual(await room.window(pane), { width: 400, centre: 40 });
  }
  const difference = await room.figures('difference');
  assert.ok(difference.red > 0.05 && difference.blue > 0.05, JSON.stringify(difference));
  const uncertainty = await room.figures('uncertainty');
  assert.ok(uncertainty.blue > 0.3 && uncertainty.red < 0.3, JSON.stringify(uncertainty));
  for (const pane of ['ai', 'difference', 'uncertainty']) {
    assert.match(await room.paneText(pane), /AI-GENERATED — NOT RELEASED/);
  }
  assert.doesNotMatch(await room.paneText('original'), /AI-GENERATED/);
  assert.match(await room.paneText('difference'), /−60\s*\+60 HU/);
  assert.match(await room.paneText('uncertainty'), new RegExp(`0\\s*${await widestShown()} HU`));
  await look(page, 'room-four');
  await lookSmall(page, 'room-four-small');
});

chapter('the panes stay linked by place in the patient, the grey panes by window', async () => {
  const room = new ReadingRoom(people.rad1.page);
  const start = await room.place('original');
  assert.equal(start.of, 16);
  await room.press('ArrowDown');
  await until('the next slice', async () => (await room.place('original')).slice === start.slice + 1);
  await room.pointAt('difference', 0.5, 0.5);
  await room.page.mouse.wheel(0, 120);
  await until('one more by the wheel', async () => (await room.place('ai')).slice === start.slice + 2);
  const places = await Promise.all(PANES.map((pane) => room.place(pane)));
  for (const place of places) assert.deepEqual(place, places[0]);
  assert.equal(Math.abs(places[0].mm - start.mm), 10, 'two slices of 5 mm');
  const before = await room.figures('original');
  await room.press('2');
  await until('the lung window', async () => (await room.window('ai')).width === 1500);
  assert.deepEqual(await room.window('original'), { width: 1500, centre: -600 });
  await until('the picture follows', async () => (await room.figures('original')).mean > before.mean + 10);
  await room.press('1');
  await until('soft tissue again', async () => (await room.window('original')).width === 400);
});

chapter('the values under the pointer fit each other', async () => {
  const room = new ReadingRoom(people.rad1.page);
  await room.pointAt('ai', 0.35, 0.7);
  const value = async (pane) => {
    const text = await room.paneText(pane);
    const found = text.match(/(?:C [−\d]+ · |^|\n)([−+\d]+) HU(?:\n|$)/);
    assert.ok(found, `no value in ${text}`);
    return Number(found[1].replace('−', '-'));
  };
  await until('a value', async () => (await room.paneText('difference')).match(/\d HU\nslice/));
  const [original, ai, changed] = [await value('original'), await value('ai'), await value('difference')];
  assert.ok(Math.abs(ai - original - changed) <= 1, `${ai} − ${original} is not ${changed}`);
  const interval = (await room.paneText('uncertainty')).match(/±(\d+) HU \[([−\d]+) … ([−\d]+)\]/);
  const [half, low, high] = interval.slice(1).map((text) => Number(text.replace('−', '-')));
  assert.ok(low < ai && ai < high, `${ai} is not within ${low} … ${high}`);
  assert.ok(Math.abs((high - low) / 2 - half) <= 1, `±${half} is not half of ${low} … ${high}`);
});

chapter('what the browser says it received is what the server holds', async () => {
  const { page } = people.rad1;
  const question = `query ($id: ID!) { case(id: $id) { caseDigest study { studyInstanceUid }
    source { seriesInstanceUid instances { sopInstanceUid } }
    derived { role seriesInstanceUid instances { sopInstanceUid } } } }`;
  const { data } = await askAs(people.rad1, question, { id: caseIdOf(people.rad1) });
  const found = data.case;
  const study = found.study.studyInstanceUid;
  const objects = [];
  for (const series of [found.source, ...found.derived]) {
    const uids = series.instances.map(({ sopInstanceUid }) => sopInstanceUid);
    const files = await instancesAs(people.rad1, study, series.seriesInstanceUid, uids);
    objects.push(...uids.map((uid, index) => [uid, files[index]]));
    if (series === found.source) first.source = files;
  }
  assert.equal(caseDigestOf(objects), found.caseDigest);
  assert.equal(objects.length, 35);
  await page.getByText('35 objects, digest matches').waitFor();
  first.digest = found.caseDigest;
  first.id = caseIdOf(people.rad1);
});

chapter('a finding is marked at one place in the patient, and so in every pane', async () => {
  const { page } = people.rad1;
  const room = new ReadingRoom(page);
  await room.press('n');
  await page.getByRole('button', { name: /^Region 1 ±/, pressed: true }).waitFor();
  await look(page, 'room-region');
  await room.mark('1', 'ai', 0.4, 0.45);
  await room.findings().waitFor();
  await page.getByText(/^((left|right) \d+ mm|midline)$/).waitFor();
  for (const pane of PANES) {
    assert.equal(await room.pane(pane).locator('.mark-finding').count(), 1, pane);
  }
  await page.getByText(/^Draft \d\d:\d\d:\d\d$/).waitFor();
  await look(page, 'room-finding');
  await lookSmall(page, 'room-finding-small');
  await room.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await look(page, 'room-keys');
  await room.press('Escape');
});

chapter('the first reader signs the very bytes that were shown', async () => {
  const { page } = people.rad1;
  const room = new ReadingRoom(page);
  await room.choose('a', 'Accept');
  await page.getByText('not yet shown at 1:1').waitFor();
  await room.seeRegions();
  await room.openSigningStrip();
  await room.signingStrip().getByText('judge that they may be released.').waitFor();
  await room.signingStrip().getByText(first.digest.slice(0, 12)).waitFor();
  await look(page, 'room-signing');
  await lookSmall(page, 'room-signing-small');
  await room.sign('rad1', 'not the password');
  await room.signingStrip().getByRole('alert').waitFor();
  await room.sign('rad1', stage.demo.passwordOf('rad1'));
  await room.signedStrip().waitFor();
  await look(page, 'room-signed');
  const { data } = await askAs(
    people.rad1,
    `query ($id: ID!) { case(id: $id) { state myRead {
    verdict findings { kind } signature { caseDigest printedName } } } }`,
    { id: first.id },
  );
  assert.equal(data.case.state, null);
  assert.equal(data.case.myRead.verdict, 'ACCEPT');
  assert.deepEqual(data.case.myRead.findings, [{ kind: 'INVENTED' }]);
  assert.deepEqual(data.case.myRead.signature, {
    caseDigest: first.digest,
    printedName: 'Demo Radiologist One',
  });
});

chapter('two more studies arrive from a scanner', async () => {
  for (const patient of [SECOND, THIRD]) {
    await sendStudy(first.source, patient, { folder: stage.folder, port: stage.demo.dicomPort });
  }
  const { page } = people.rad1;
  await new ReadingRoom(page).leave();
  await new Shell(page).go('Studies');
  await page.getByRole('heading', { name: 'Story, Second' }).waitFor();
  await page
    .getByText(/Modality is MR, wanted is CT/)
    .first()
    .waitFor();
  await look(page, 'studies');
  await page.getByRole('tab', { name: 'Quarantine' }).click();
  await page.getByText('Nothing is in quarantine').waitFor();
  await look(page, 'quarantine-empty');
});

chapter('the second reader sees nothing of the first', async () => {
  const person = await stage.arrives('rad2');
  const room = await opens(person, LUNG);
  const text = await person.page.locator('body').innerText();
  for (const trace of ['Radiologist One', 'rad1', 'Signed', 'discordant']) {
    assert.ok(!text.includes(trace), `the page says "${trace}"`);
  }
  assert.equal(await room.findings().count(), 0);
  assert.equal(await person.page.locator('.mark-finding').count(), 0);
  assert.equal(await person.page.locator('[aria-pressed=true]').count(), 0);
  const { data } = await askAs(person, CASE_OF_SIGNER, { id: first.id });
  assert.deepEqual(data.case, {
    state: null,
    availability: 'MINE',
    draft: null,
    myRead: null,
    reads: [],
    sends: [],
    history: [],
  });
  const ledger = await askAs(person, '{ ledger(first: 5) { nodes { sentence } } }');
  assert.equal(ledger.errors[0].extensions.code, 'forbidden');
});

chapter('a second acceptance releases the case', async () => {
  const { page } = people.rad2;
  const room = new ReadingRoom(page);
  await signs(people.rad2, room, 'a', 'Accept');
  const person = await stage.arrives('quality');
  await new Shell(person.page).go('Cases');
  const cases = new CasesPage(person.page);
  await cases.row(LUNG).getByText('released').waitFor();
});

chapter('what was signed arrives at the PACS, and the page shows each send', async () => {
  const { page } = people.quality;
  const cases = new CasesPage(page);
  await cases.open(LUNG);
  await cases.panel('Sends').getByText('delivered').waitFor({ timeout: 60_000 });
  const text = await cases.panel('Sends').innerText();
  const [, stored, count] = text.match(/(\d+) of (\d+) objects stored/);
  assert.equal(stored, count);
  assert.ok(text.includes(stage.pacs.aeTitle), text);
  assert.equal((await stage.pacs.files()).length, Number(count));
  for (const name of ['Demo Radiologist One', 'Demo Radiologist Two']) {
    await cases.panel('Reads').getByText(name).waitFor();
  }
  await cases
    .panel('History')
    .getByText(/rad1 signed accept/i)
    .waitFor();
  await look(page, 'case-released');
});

chapter('quality reads the same story in the ledger', async () => {
  const { page } = people.quality;
  await page.getByRole('main').getByRole('link', { name: 'Ledger' }).click();
  await page.getByText('every event of every service is in its place').waitFor();
  await page
    .getByRole('row')
    .filter({ hasText: /rad2 signed accept/i })
    .waitFor();
  await look(page, 'ledger-of-case');
  await new Shell(page).go('Ledger');
  await page
    .getByRole('row')
    .filter({ hasText: /found the reads|signed in/ })
    .first()
    .waitFor();
  await look(page, 'ledger');
});

chapter('after a signature the next case opens by itself, and the way back stands above it', async () => {
  const one = people.rad1;
  const { page } = one;
  await new Shell(page).go('Worklist');
  for (const patient of ['Story, Second', 'Story, Third']) {
    await new WorklistPage(page).waitFor(patient, GENERATION_MS);
  }
  await look(page, 'worklist-two');
  await lookSmall(page, 'worklist-two-small');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const ofNext = () => asked.filter((url) => url.includes(`/series/${studyUidOf(THIRD)}.1/instances/`));
  const room = await opens(one, 'Story, Second');
  const second = page.url();
  await until('the next original is fetched ahead', () => ofNext().length === first.source.length);
  await signs(one, room, 'a', 'Accept');
  await room.signedStrip().getByRole('button', { name: 'Stay' }).waitFor();
  await page.screenshot({ path: path.join(stage.screens, 'room-next.png'), animations: 'disabled' });
  await page.getByRole('heading', { name: 'Story, Third' }).waitFor();
  await room.waitUntilWhole();
  assert.deepEqual(await room.shown(), ['original'], 'the next original comes first and alone');
  assert.equal(ofNext().length, first.source.length, 'the next original is fetched once');
  await page.getByRole('link', { name: 'Last signed' }).click();
  await page.waitForURL(second);
  await room.nextCase().waitFor();
  await room.waitUntilWhole();
  assert.equal(await room.signedStrip().getByRole('button', { name: 'Stay' }).count(), 0);
  await room.press('Enter');
  await page.getByRole('heading', { name: 'Story, Third' }).waitFor();
});

chapter('two verdicts that differ go to the adjudicator as an ordinary read', async () => {
  const two = people.rad2;
  await new ReadingRoom(two.page).leave();
  await signsAndStays(two, await opens(two, 'Story, Second'), 'x', 'Reject');
  await look(two.page, 'room-stayed');
  const three = await stage.arrives('rad3');
  const room = await opens(three, 'Story, Second');
  const text = await three.page.locator('body').innerText();
  for (const trace of ['Radiologist One', 'Radiologist Two', 'Reader α', 'discordan', 'adjudicat']) {
    assert.ok(!text.includes(trace), `the page says "${trace}"`);
  }
  const { data } = await askAs(three, CASE_OF_SIGNER, { id: caseIdOf(three) });
  assert.deepEqual([data.case.state, data.case.reads, data.case.history], [null, [], []]);
  await room.press('.');
  await until('one pane in which the two change places', async () => {
    const [hidden, shown] = [room.pane('original'), room.pane('ai')];
    return !(await hidden.isVisible()) && (await shown.isVisible());
  });
  await look(three.page, 'room-flicker');
});

chapter('the adjudicator decides, and only then sees two reads without names', async () => {
  const three = people.rad3;
  const room = new ReadingRoom(three.page);
  await room.press(',');
  await signs(three, room, 'a', 'Accept');
  const strip = room.signedStrip();
  await strip.getByText('Reader α').waitFor();
  await strip.getByText('Reader β').waitFor();
  const text = await strip.innerText();
  assert.match(text, /Accept/);
  assert.match(text, /Reject/);
  assert.ok(!/Radiologist (One|Two)/.test(text), text);
  await look(three.page, 'room-adjudicated');
  const { page } = people.quality;
  await new Shell(page).go('Cases');
  await new CasesPage(page).row('Story, Second').getByText('released').waitFor();
  await look(page, 'cases');
});

chapter('a reader puts a case off with a reason, and no other reader learns of it', async () => {
  const { page } = people.rad2;
  await new ReadingRoom(page).leave();
  await opens(people.rad2, 'Story, Third');
  await page.keyboard.press('e');
  await page.getByLabel('Why is it put off?').fill('I want the old images first.');
  await look(page, 'room-put-off');
  await page.getByRole('form', { name: 'Put off' }).getByRole('button', { name: 'Put off' }).click();
  await page.getByRole('heading', { name: 'Ready' }).waitFor();
  await page.getByText('Nothing waits for you').waitFor();
  await new ReadingRoom(people.rad1.page).leave();
  await new WorklistPage(people.rad1.page).find('Story, Third');
});

chapter('an administrator proposes a promotion, and the gate says why it is refused', async () => {
  const { page } = await stage.arrives('admin');
  await new Shell(page).go('Rollout');
  const rollout = new RolloutPage(page);
  await rollout.card(ABDOMEN).waitFor();
  await look(page, 'rollout');
  await rollout.open(ABDOMEN);
  const panel = rollout.panel(ABDOMEN);
  await panel.getByLabel('Reason').fill('The first reads look good.');
  await panel.getByRole('button', { name: 'Propose pilot' }).click();
  await panel.getByText('The first reads look good.').waitFor();
  assert.equal(await panel.getByRole('button', { name: 'Approve' }).count(), 0);
  await look(page, 'rollout-proposed');
  const quality = people.quality.page;
  await new Shell(quality).go('Rollout');
  const theirs = new RolloutPage(quality);
  await theirs.open(ABDOMEN);
  await theirs.panel(ABDOMEN).getByLabel('Your user name').fill('quality');
  await theirs.panel(ABDOMEN).getByLabel('Your password, to approve').fill(stage.demo.passwordOf('quality'));
  await theirs.panel(ABDOMEN).getByRole('button', { name: 'Approve' }).click();
  await theirs.panel(ABDOMEN).getByText('gate_not_held').waitFor();
  await look(quality, 'rollout-refused');
  await new Shell(page).go('Models');
  await page.getByRole('heading', { name: 'Evaluation' }).waitFor();
  await look(page, 'models');
});

chapter('a changed rule is run dry on the series that came, and saved as it was seen', async () => {
  const { page } = people.admin;
  await new Shell(page).go('Rollout');
  const rollout = new RolloutPage(page);
  await rollout.open(ABDOMEN);
  const panel = rollout.panel(ABDOMEN);
  await panel.getByText('Which series it takes').click();
  await panel.getByRole('button', { name: 'Change the rule', exact: true }).click();
  await panel.getByLabel('Slice thickness at most, mm').fill('1.5');
  await panel.getByRole('button', { name: 'Run dry' }).click();
  await panel.getByText(/series would be taken/).waitFor();
  await panel.getByText(/wanted is ABDOMEN/).first().waitFor();
  await look(page, 'rollout-dry-run');
  await panel.getByLabel('Why', { exact: true }).fill('Thin slices only.');
  await panel.getByRole('button', { name: 'Save the rule' }).click();
  await page.getByText('Version 2 of the rule is in force').waitFor();
  await panel.getByText(/Thin slices only\./).waitFor();
});

chapter('a version is put to use as its rule was seen, and begins at shadow', async () => {
  const { page } = people.admin;
  await new Shell(page).go('Models');
  await page.getByRole('link', { name: 'Put this version to use' }).click();
  const form = page.getByRole('region', { name: 'Put a version to use' });
  const dryRun = form.getByRole('button', { name: 'Run dry' });
  assert.ok(await dryRun.isDisabled(), 'nothing is run dry that has no name');
  await form.getByLabel('Name of the deployment').fill('Low-dose CT of the knee');
  await form.getByLabel('Body part', { exact: true }).fill('KNEE');
  await dryRun.click();
  await form.getByText(/0 of \d+ series would be taken/).waitFor();
  await form.getByText(/wanted is KNEE/).first().waitFor();
  await form.getByLabel('Why', { exact: true }).fill('Knees from the new scanner.');
  await look(page, 'rollout-new-deployment');
  await form.getByRole('button', { name: 'Create at shadow' }).click();
  await page.getByText('Low-dose CT of the knee runs at shadow').waitFor();
  const rollout = new RolloutPage(page);
  await rollout.column('shadow').getByRole('button', { name: 'Low-dose CT of the knee' }).waitFor();
  await rollout.panel('Low-dose CT of the knee').getByText('Which series it takes').click();
  await rollout.panel('Low-dose CT of the knee').getByText(/Knees from the new scanner\./).waitFor();
  await rollout.open(ABDOMEN);
});

chapter('quality proposes a stop rule as it was shown, and the clinical owner puts it in force', async () => {
  const { page } = people.quality;
  await new Shell(page).go('Rollout');
  const rollout = new RolloutPage(page);
  await rollout.open(CHEST);
  const rules = rollout.panel(CHEST).getByRole('region', { name: 'Stop rules' });
  await rules.getByText('rejections rise').waitFor();
  await look(page, 'rollout-stop-rules');
  await rules.getByRole('button', { name: 'Change the rules' }).click();
  await rules.getByLabel('rate to find').fill('0.05');
  await rules.getByRole('button', { name: 'Show how they behave' }).click();
  await rules.getByText(/finds 5 % after/).waitFor();
  await look(page, 'rollout-stop-rules-preview');
  await rules.getByLabel('Why', { exact: true }).fill('Found earlier.');
  await rules.getByRole('button', { name: 'Propose' }).click();
  await rules.getByText('Other rules are proposed').waitFor();
  await rules.getByText(/version 0 ·/).waitFor();
  await look(page, 'rollout-rules-proposed');
  const { page: owner } = await stage.arrives('owner');
  await new Shell(owner).go('Rollout');
  const theirs = new RolloutPage(owner);
  await theirs.open(CHEST);
  const waiting = theirs.panel(CHEST).getByRole('region', { name: 'Stop rules' });
  await waiting.getByLabel('Your user name').fill('owner');
  await waiting.getByLabel('Your password, to adopt').fill(stage.demo.passwordOf('owner'));
  await waiting.getByRole('button', { name: 'Adopt' }).click();
  await waiting.getByText(/version 1 ·/).waitFor();
});

chapter('what the gates ask is shown, and other bounds wait for a second person', async () => {
  const { page } = people.admin;
  await page.getByText('What the gates ask').click();
  const panel = page.getByRole('group').filter({ hasText: 'What the gates ask' });
  await panel.getByRole('button', { name: 'Propose other bounds' }).click();
  await panel.getByLabel('days in the stage before, at least, pilot').fill('7');
  await panel.getByLabel('Why', { exact: true }).fill('A week shows the usual scans.');
  await panel.getByRole('button', { name: 'Propose', exact: true }).click();
  await panel.getByText('pilot: days 0 → 7').waitFor();
  await look(page, 'gate-policy-proposed');
  await panel.getByRole('button', { name: 'Take back' }).click();
  await panel.getByRole('button', { name: 'Propose other bounds' }).waitFor();
});

chapter('two clicks stop a deployment, and the open case says that it is held', async () => {
  const one = people.rad1;
  const room = await opens(one, 'Story, Third');
  const { page } = people.admin;
  await new Shell(page).go('Rollout');
  const rollout = new RolloutPage(page);
  await rollout.open(CHEST);
  await rollout.panel(CHEST).getByRole('button', { name: 'Stop' }).click();
  await shoot(page, 'rollout-stop');
  await rollout.panel(CHEST).getByRole('button', { name: 'Suspend now' }).click();
  await rollout.column('suspended').getByRole('button', { name: CHEST }).waitFor();
  await look(page, 'rollout-suspended');
  await new Shell(page).go('Cases');
  await new CasesPage(page).row('Story, Third').getByText('held').waitFor();
  await room.choose('a', 'Accept');
  await one.page.getByText('This case is held back').waitFor();
  await one.page.getByText('You no longer hold this case.').waitFor();
  await look(one.page, 'room-held');
});

chapter('no page had an error, none was refused by its own policy', async () => {
  const faults = Object.values(people).flatMap((person) => person.faults);
  assert.deepEqual(faults, []);
});
