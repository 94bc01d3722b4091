/**
 * The pages around the reading room, against the real binary: what a coordinator, two people of quality, an
 * administrator and a reader do there, said beforehand and afterwards; and a proof that is checked without a server.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import {
  actsOf,
  CasesPage,
  CoordinationPage,
  DestinationsPage,
  LedgerPage,
  PeoplePage,
  RolloutPage,
} from './pages/oversight.js';
import { Shell } from './pages/shell.js';
import { SignInPage } from './pages/sign_in.js';
import { WorklistPage } from './pages/worklist.js';
import { caseOf, ends, opens, signs } from './src/api_readers.js';
import { axeFindings, instancesAs, SMALL } from './src/people.js';
import { runProgram } from './src/processes.js';
import { sendStudy } from './src/scanner.js';
import { Stage } from './src/stage.js';
import { until } from './src/until.js';

const GENERATION_MS = 180_000;
/** Each image stands for a fifth of a second, and comes from a debug build. */
const LOOKED_AT_MS = 60_000;
/** The first attempt, and a second one after a pause. */
const SEND_MS = 60_000;
const CHAPTER_MS = 300_000;
const LUNG = 'Demo, Lung One';
const CHEST_DEPLOYMENT = 'Low-dose CT of chest and head';
const ABDOMEN_DEPLOYMENT = 'Low-dose CT of the abdomen';
const ADAMS = { number: 11, name: 'Adams^Ruth', patientId: 'STORY-11', sex: 'F', birthDate: '19491120' };
const BAKER = { number: 12, name: 'Baker^Tom', patientId: 'STORY-12', sex: 'M', birthDate: '19710930' };

const CLARK = { number: 13, name: 'Clark^Joan', patientId: 'STORY-13', sex: 'F', birthDate: '19620214' };
/** For the deployment at shadow. */
const DAVIS = { ...CLARK, number: 14, name: 'Davis^Ann', patientId: 'STORY-14', bodyPart: 'ABDOMEN' };
/** The same images once more, after somebody found that the patient was entered wrongly. */
const CORRECTED = { ...CLARK, name: 'Clarke^Joanna', patientId: 'STORY-13-CORRECTED' };

/** These pages draw no pixels; what is slow is a machine that does other things too. */
const PATIENCE_MS = 60_000;

const stage = new Stage('oversight', { size: SMALL, patienceMs: PATIENCE_MS });
const { people } = stage;
const chapter = (name, tell) => stage.chapter(name, CHAPTER_MS, tell);
const password = (username) => stage.demo.passwordOf(username);

before(() => stage.open());
after(() => stage.close());

/** The images of a chest come from the scanner as those of a patient. */
const arrives = (patient) =>
  sendStudy(stage.images, patient, { folder: stage.folder, port: stage.demo.dicomPort });

chapter('an administrator sees how a comparison behaves before it is declared', async () => {
  const { page } = await stage.arrives('admin');
  await page.getByRole('link', { name: 'Rollout' }).click();
  const panel = page.getByRole('region', { name: 'Comparisons' });
  await panel.getByText('No comparison was declared yet.').waitFor();
  await panel.getByLabel('Champion').selectOption({ index: 1 });
  await panel.getByLabel('Challenger (at shadow)').selectOption({ index: 1 });
  await panel.getByLabel('Looks, at so many pairs').fill('20, 40');
  // Counted by the server: what the plan shows where 70 % would prefer the challenger.
  await panel.getByRole('row').filter({ hasText: '70 %' }).waitFor();
  await panel.getByLabel('Why').fill('is the next one better?');
  await panel.scrollIntoViewIfNeeded();
  await stage.look(page, 'comparison');
  await panel.getByRole('button', { name: 'Declare and begin' }).click();
  await panel.getByText('Both are the same model version').waitFor();
});

chapter('each role has its places, and begins where its work is', async () => {
  const places = async (username) => {
    const { page } = await stage.arrives(username);
    return new Shell(page).places();
  };
  assert.deepEqual(await places('rad1'), ['Worklist', 'Studies', 'Peer learning', 'Models']);
  assert.deepEqual(await places('coordinator'), ['Studies', 'Coordination', 'Cases', 'People', 'Models']);
  assert.deepEqual(await places('admin'), [
    ...['Studies', 'Cases', 'Rules', 'People', 'Rollout', 'Models', 'Ledger'],
  ]);
  const ofQuality = [
    ...['Studies', 'Coordination', 'Cases', 'Quality', 'Rules', 'People', 'Rollout', 'Models', 'Ledger'],
  ];
  assert.deepEqual(await places('quality'), ofQuality);
  await people.coordinator.page.waitForURL('**/coordination');
  await people.coordinator.page.getByRole('heading', { name: 'Coordination' }).waitFor();
});

chapter('two more studies arrive, and the coordinator sees each open case with its deadline', async () => {
  const lung = await caseOf(people.quality, 'Demo^Lung', GENERATION_MS);
  await opens(people.rad1, lung);
  const { source, study } = lung;
  const uids = source.instances.map(({ sopInstanceUid }) => sopInstanceUid);
  stage.images = await instancesAs(people.rad1, study.studyInstanceUid, source.seriesInstanceUid, uids);
  for (const patient of [ADAMS, BAKER]) await arrives(patient);
  await caseOf(people.quality, 'Adams', GENERATION_MS);
  await caseOf(people.quality, 'Baker', GENERATION_MS);
  const { page } = people.coordinator;
  const coordination = new CoordinationPage(page);
  for (const patient of [LUNG, 'Adams, Ruth', 'Baker, Tom']) {
    await coordination.row(patient).waitFor({ timeout: 60_000 });
    assert.match(await coordination.row(patient).innerText(), /in \d+ hours/);
  }
  await coordination.row(LUNG).getByText('being read').waitFor();
});

chapter('a site is registered with its scanners, once it was seen whose series that concerns', async () => {
  const { page } = people.admin;
  await new Shell(page).go('Rollout');
  const panel = page.getByRole('region', { name: 'Sites and scanners' });
  await panel.getByText(/^What any sender sends is for/).waitFor();
  await panel.getByRole('button', { name: 'Register demo' }).click();
  const scanner = (at) => panel.getByLabel('Name of the scanner').nth(at);
  const sender = (at) => panel.getByLabel(/^Sender/).nth(at);
  const looks = () => panel.getByRole('button', { name: /^See what changes/ }).click();
  await scanner(0).fill('CT of the demo');
  await sender(0).fill('NOSUCHCT');
  await looks();
  await panel.getByText(/^[1-9]\d* of the last \d+ series would be routed otherwise/).waitFor();
  await panel.getByText(`no longer taken by ${CHEST_DEPLOYMENT}`).first().waitFor();
  await panel.scrollIntoViewIfNeeded();
  await stage.look(page, 'site-preview');
  await sender(0).fill('DEMOSCANNER');
  await panel.getByRole('button', { name: 'Add a scanner' }).click();
  await scanner(1).fill('CT of the story');
  await sender(1).fill('STORYCT');
  await looks();
  await panel.getByText(/^0 of the last \d+ series would be routed otherwise/).waitFor();
  const form = panel.getByRole('form', { name: 'Put in force' });
  await form.getByLabel('Why').fill('the scanners that we have');
  await form.getByRole('button', { name: 'Put in force' }).click();
  await panel.getByRole('row', { name: /CT of the story.*STORYCT/ }).waitFor();
  await panel.getByText('History (1)').click();
  const version = panel.getByRole('listitem').filter({ hasText: /sent by STORYCT/ });
  await version.filter({ hasText: 'the scanners that we have' }).waitFor();
  assert.ok(await panel.getByRole('button', { name: 'Remove demo' }).isDisabled());
  await panel.scrollIntoViewIfNeeded();
  await stage.look(page, 'sites');
  const capacity = page.getByRole('region', { name: 'Capacity' });
  await capacity.getByRole('row', { name: /^off-peak/ }).waitFor();
  await capacity.scrollIntoViewIfNeeded();
  await stage.look(page, 'capacity');
});

chapter('a coordinator holds a case: said before, said after, and seen by nobody who reads', async () => {
  const { page } = people.coordinator;
  const coordination = new CoordinationPage(page);
  await coordination.choose('Baker, Tom');
  await coordination.panel().getByRole('button', { name: 'Hold', exact: true }).click();
  await coordination.panel().getByText('Nobody can read or sign it until it is resumed.').waitFor();
  await page.keyboard.press('Escape');
  await coordination.acts('Hold', 'The referrer asked to wait.');
  await coordination.panel().getByText('The case is held. Nobody can read or sign it').waitFor();
  await coordination.row('Baker, Tom').getByText('The referrer asked to wait.').waitFor();
  await stage.look(page, 'coordination');
  await stage.lookZoomed(page, 'coordination');
  await page.getByRole('button', { name: /^held/ }).click();
  await until('held cases alone', async () => (await coordination.row(LUNG).count()) === 0);
  await page.getByRole('button', { name: /^All open/ }).click();
  await coordination.acts('Resume');
  await coordination.panel().getByText('The hold is ended.').waitFor();
});

chapter('a case is taken back from its reader, whose draft is kept', async () => {
  const coordination = new CoordinationPage(people.coordinator.page);
  await coordination.choose(LUNG);
  await coordination.acts('Take back from its readers', 'She was called away.');
  await coordination.panel().getByText('The case is taken back.').waitFor();
  await coordination.row(LUNG).getByText('queued').waitFor();
});

chapter('a reader searches the list by keys, and says of a patient that they are too close', async () => {
  const { page } = people.rad1;
  const worklist = new WorklistPage(page);
  await new Shell(page).go('Worklist');
  for (const patient of [LUNG, 'Adams, Ruth', 'Baker, Tom']) await worklist.waitFor(patient, 60_000);
  await page.keyboard.press('/');
  await page.keyboard.type('baker');
  await until('one row', async () => (await worklist.row(LUNG).count()) === 0);
  await worklist.row('Baker, Tom').and(page.locator('[aria-selected=true]')).waitFor();
  await page.keyboard.press('Escape');
  await worklist.row(LUNG).waitFor();
  await stage.look(page, 'worklist');
  await stage.lookZoomed(page, 'worklist');
  await stage.lookLarge(page, 'worklist');
  await worklist.select('Baker, Tom');
  const panel = page.getByRole('complementary', { name: 'Selected case' });
  await panel.getByRole('button', { name: 'I am too close to this patient' }).click();
  await panel.getByText('You will not be offered this study again').waitFor();
  const form = panel.getByRole('form', { name: 'I am too close to this patient' });
  await form.getByLabel('Why are you too close?').fill('He is my neighbour.');
  await form.getByRole('button', { name: 'I am too close to this patient' }).click();
  await until('the case is gone', async () => (await worklist.row('Baker, Tom').count()) === 0);
  const coordinator = people.coordinator.page;
  await new Shell(coordinator).go('People');
  const conflicts = new PeoplePage(coordinator);
  await conflicts.row('rad1').getByText('He is my neighbour.').waitFor();
  await stage.look(coordinator, 'conflicts');
});

chapter('a credential is granted, and taken back; nobody grants one to themselves', async () => {
  const { page } = people.quality;
  await new Shell(page).go('People');
  await page.getByText('Nobody holds a credential yet').waitFor();
  const credentials = new PeoplePage(page);
  const form = credentials.form('Grant a credential');
  await form.getByLabel('User name').fill('quality');
  await form.getByRole('button', { name: 'Grant' }).click();
  await form.getByRole('alert').getByText('Nobody grants a credential to themselves').waitFor();
  await form.getByLabel('User name').fill('rad1');
  await form.getByText(/rad1 may then read CT for denoising until the end of/).waitFor();
  await form.getByRole('button', { name: 'Grant' }).click();
  await form.getByText(/rad1 may read CT for denoising/).waitFor();
  await credentials.row('rad1').getByText('valid', { exact: true }).waitFor();
  await stage.look(page, 'people');
  await stage.lookZoomed(page, 'people');
  const row = credentials.row('rad1');
  await row.getByRole('button', { name: /Take back/ }).click();
  await row.getByText('rad1 is offered no more CT for denoising').waitFor();
  await row.getByRole('button', { name: 'Take back' }).click();
  await row.getByText('taken back').waitFor();
});

chapter('a person is added, chooses a password before anything else, and is disabled', async () => {
  const { page } = people.admin;
  await new Shell(page).go('People');
  await page.getByRole('tab', { name: 'Accounts' }).click();
  const form = page.getByRole('form', { name: 'Add a person' });
  await form.getByLabel('User name').fill('rad9');
  await form.getByLabel('Printed name').fill('Dr. Nina Newcomer');
  await form.getByRole('checkbox', { name: /Radiologist/ }).check();
  await form.getByLabel('Why?').fill('new in the team');
  await form.getByRole('button', { name: 'Make the account' }).click();
  const issued = page.getByRole('status').filter({ hasText: 'The password of rad9' });
  const made = await issued.locator('.mono').innerText();
  assert.match(made, /^[a-z2-9]{20}$/);
  const accounts = new PeoplePage(page);
  await accounts.row('rad9').getByText('password to be chosen').waitFor();
  await stage.look(page, 'accounts');
  await stage.lookZoomed(page, 'accounts');
  await issued.getByRole('button', { name: 'I have handed it over' }).click();
  assert.equal(await page.getByText(made).count(), 0);

  const { page: newcomer } = await stage.knocks('rad9');
  await new SignInPage(newcomer).signIn('rad9', made);
  await newcomer.getByRole('heading', { name: 'Choose a password' }).waitFor();
  await newcomer.goto('/worklist');
  await newcomer.getByRole('heading', { name: 'Choose a password' }).waitFor();
  await newcomer.getByLabel('Present password').fill(made);
  await newcomer.getByLabel('New password', { exact: true }).fill('a password of my own');
  await newcomer.getByLabel('New password, again').fill('a password of my ow');
  await newcomer.getByText('The two don’t match yet.').waitFor();
  await stage.look(newcomer, 'choose-password');
  await newcomer.getByLabel('New password, again').fill('a password of my own');
  await newcomer.getByRole('button', { name: 'Change password' }).click();
  await newcomer.getByRole('link', { name: 'Dr. Nina Newcomer' }).click();
  await newcomer.getByRole('heading', { name: 'Your account' }).waitFor();
  await stage.look(newcomer, 'own-account');

  await page.reload();
  const row = accounts.row('rad9');
  await row.getByText('in use').waitFor();
  await row.getByRole('button', { name: 'Disable the account of Dr. Nina Newcomer' }).click();
  await row.getByText('can’t sign in. What was signed stays signed').waitFor();
  await row.getByLabel('Why?').fill('left the team');
  await row.getByRole('button', { name: 'Disable', exact: true }).click();
  await row.getByText('disabled', { exact: true }).waitFor();
  await row.getByText('3 entries').click();
  await row.getByText('chose a password').waitFor();
  await stage.look(page, 'accounts-history');
  await newcomer.reload();
  await newcomer.getByRole('button', { name: 'Sign in' }).waitFor();
  await new SignInPage(newcomer).signIn('rad9', 'a password of my own');
  await newcomer.getByRole('alert').getByText('the account is disabled').waitFor();
});

chapter('an archive is called, paused, moved and used again, and another one is added', async () => {
  const { page } = people.admin;
  await new Shell(page).go('Rollout');
  await page.getByRole('link', { name: 'Destinations' }).click();
  const destinations = new DestinationsPage(page);
  const name = `STORYPACS@127.0.0.1:${stage.pacs.port}`;
  const row = destinations.row(name);
  await row.getByRole('button', { name: `Call ${name}` }).click();
  await row.getByText(/answered in \d+ ms/).waitFor();
  await destinations.move(name, 'Pause', 'the archive is served tonight');
  await row.getByText('paused', { exact: true }).waitFor();
  await row.getByRole('button', { name: `Change ${name}` }).click();
  await row.getByLabel('Host').fill('localhost');
  await row.getByLabel('Why?').fill('a name instead of an address');
  await row.getByRole('button', { name: 'Change', exact: true }).click();
  await row.getByText(`STORYPACS@localhost:${stage.pacs.port}`).waitFor();
  await destinations.move(name, 'Use', 'it is served');
  await row.getByText('in use', { exact: true }).waitFor();

  const form = page.getByRole('form', { name: 'Add a destination' });
  await form.getByLabel('Name').fill('Archive of research');
  await form.getByLabel('AE title').fill('RESEARCH');
  await form.getByLabel('Host').fill('127.0.0.1');
  await form.getByLabel('Port').fill('1');
  await form.getByLabel('Kind').selectOption('RESEARCH');
  await form.getByText('Gets releases of the pilot stage too.').waitFor();
  await form.getByLabel('Why?').fill('a study begins');
  await form.getByRole('button', { name: 'Add it' }).click();
  const added = destinations.row('Archive of research');
  await added.getByRole('button', { name: 'Call Archive of research' }).click();
  await added.getByText(/no answer/).waitFor();
  await row.getByText('4 versions').click();
  await row.getByText('state: paused → in use').waitFor();
  await stage.look(page, 'destinations');
  await stage.lookZoomed(page, 'destinations');
  await destinations.move('Archive of research', 'Close', 'the study waits');
  await added.getByText('closed', { exact: true }).waitFor();
});

chapter('rules are changed with a reason; the page says what differs, who did it and when', async () => {
  const { page } = people.quality;
  await new Shell(page).go('Rules');
  await page.getByRole('button', { name: 'Change …' }).click();
  const form = page.getByRole('form', { name: 'Change …' });
  await form.getByText('Nothing differs.').waitFor();
  await form.getByLabel('Hold', { exact: true }).fill('20');
  await form.getByLabel('Sentinels').fill('0');
  await form.getByText('Hold: 15 minutes → 20 minutes').waitFor();
  await form.getByText(/Sentinels: 1.5% → 0%/).waitFor();
  await form.getByText('(a safeguard becomes weaker)').waitFor();
  await stage.look(page, 'rules-change');
  await form.getByLabel('Why are the rules changed?').fill('Readers asked for more time.');
  await form.getByRole('button', { name: 'Put in force' }).click();
  const versions = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Versions' }) });
  await versions.getByText('Readers asked for more time.').waitFor();
  await versions.getByText('Hold: 15 minutes → 20 minutes').waitFor();
  assert.match(await versions.innerText(), /quality · \d{4}-\d\d-\d\d/);
  await stage.look(page, 'rules');
  await stage.lookZoomed(page, 'rules');
  const admin = people.admin.page;
  await new Shell(admin).go('Rules');
  await admin.getByText('Readers asked for more time.').waitFor();
  assert.equal(await admin.getByRole('button', { name: 'Change …' }).count(), 0);
});

chapter('a recall takes two people, and the one who proposed it is refused as the second', async () => {
  const { rad1, quality } = people;
  const rad2 = await stage.arrives('rad2');
  const lung = await caseOf(quality, 'Demo^Lung', GENERATION_MS);
  await signs(rad1, lung, 'ACCEPT', password('rad1'));
  await signs(rad2, lung, 'ACCEPT', password('rad2'));
  await ends(quality, lung, 'RELEASED');
  await new Shell(quality.page).go('Cases');
  const cases = new CasesPage(quality.page);
  await cases.open(LUNG);
  await cases.panel('Sends').getByText('delivered', { exact: true }).waitFor({ timeout: SEND_MS });
  const steering = cases.panel('Holds and acts');
  await actsOf(steering, 'Propose a recall', 'The wrong series was sent in.');
  await steering.getByText('The recall is proposed.').waitFor();
  await actsOf(steering, 'Confirm the recall', null);
  await steering.getByRole('alert').waitFor();
  await stage.look(quality.page, 'recall-refused');
  const second = await stage.arrives('quality2');
  await new Shell(second.page).go('Coordination');
  const coordination = new CoordinationPage(second.page);
  await coordination.row(LUNG).getByText('recall to confirm').waitFor();
  await coordination.choose(LUNG);
  await coordination.acts('Confirm the recall');
  await ends(quality, lung, 'RECALLED');
});

chapter('a destination that was told but proves nothing is closed by a named person', async () => {
  const { page } = people.quality;
  await page.reload();
  const recall = new CasesPage(page).panel('Recall at the destinations');
  await recall.getByText('told, objects still there').waitFor({ timeout: SEND_MS });
  await recall.getByText('113037 rejected for patient safety').waitFor();
  await recall.getByText(/has never shown the objects/).waitFor();
  await stage.look(page, 'recall-at-destinations');
  await recall.getByRole('button', { name: 'Close by hand…' }).click();
  await recall.getByLabel(/How the objects were taken away/).fill('Deleted at the PACS by its team.');
  await recall.getByRole('button', { name: 'Close by hand…' }).click();
  await recall.getByText('closed by hand').waitFor();
  await recall.getByText(/: Deleted at the PACS by its team\./).waitFor();
  await recall.getByText('Done at 1 of 1.').waitFor();
});

chapter('what a recall of a selection would take back is shown before anything changes', async () => {
  const { page } = people.quality;
  await new Shell(page).go('Cases');
  await page.getByRole('link', { name: 'Recalls of selections' }).click();
  await page.getByText('Nothing was recalled by selection').waitFor();
  await page.getByLabel('Released from (UTC)').fill('2020-01-01T00:00:00');
  await page.getByRole('button', { name: 'Look what that is' }).click();
  const preview = page.getByRole('region', { name: 'What a recall would take back' });
  await preview.getByText('0 released cases would be taken back.').waitFor();
  await preview.getByText(/Of 1 released: recalled before 1/).waitFor();
  await preview.getByText('The cases, one by one').click();
  await preview.getByText('not by this recall').waitFor();
  await preview.getByText('recalled before', { exact: true }).waitFor();
  assert.equal(await preview.getByRole('button', { name: 'Propose this recall' }).count(), 0);
  await stage.look(page, 'recalls');
  await new Shell(page).go('Cases');
  await new CasesPage(page).open(LUNG);
});

chapter('the history of a case is one line, with faces and phases', async () => {
  const { page } = people.quality;
  await page.reload();
  const history = new CasesPage(page).panel('History');
  await history.getByText(/rad1 signed accept/i).waitFor();
  await history.getByText(/recalled this case/).waitFor();
  await stage.look(page, 'case-history');
  await stage.lookZoomed(page, 'case-history');
  await history.getByRole('button', { name: /^reads and signatures/ }).click();
  await until('no reads', async () => (await history.getByText(/signed accept/i).count()) === 0);
  await history.getByText(/recalled this case/).waitFor();
});

chapter('a case that is over is discussed without names, and closed with what is to be learned', async () => {
  const { quality, quality2, rad1 } = people;
  const question = 'Was the blurred vessel easy to miss?';
  await quality.page.getByRole('link', { name: 'Discuss…' }).click();
  await quality.page.getByLabel('Question').fill(question);
  await quality.page.getByRole('button', { name: 'Open the discussion' }).click();
  await quality.page.getByRole('region', { name: 'One discussion' }).getByText(question).waitFor();
  await new Shell(rad1.page).go('Peer learning');
  await rad1.page.getByRole('button', { name: question }).click();
  const shown = rad1.page.getByRole('region', { name: 'One discussion' });
  await shown.getByText('Your read').waitFor();
  await shown.getByLabel('What you would add').fill('It is where the dose is lowest.');
  await shown.getByRole('button', { name: 'Add' }).click();
  await shown.getByRole('listitem').filter({ hasText: 'It is where the dose is lowest.' }).waitFor();
  assert.doesNotMatch(await shown.innerText(), /quality2?\b.*\(|rad2/, 'a reader sees no names');
  await stage.look(rad1.page, 'learning-reader');
  await new Shell(quality2.page).go('Quality');
  await quality2.page.getByRole('link', { name: 'Peer learning' }).click();
  await quality2.page.getByRole('button', { name: question }).click();
  const other = quality2.page.getByRole('region', { name: 'One discussion' });
  await other.getByText('(rad1)').waitFor();
  await other.locator('summary').filter({ hasText: 'Score of the reading' }).click();
  await other.getByLabel('2a').check();
  await other.getByRole('button', { name: 'Give this score' }).click();
  await quality2.page.getByText('The score is noted.').waitFor();
  await other.getByText('Close with what is to be learned…').click();
  await other.getByLabel('What is to be learned', { exact: true }).fill('Look twice at the apex at a quarter of the dose.');
  await other.getByRole('button', { name: 'Close the discussion' }).click();
  await other.getByText('Look twice at the apex').waitFor();
  await stage.look(quality2.page, 'learning');
  await stage.lookZoomed(quality2.page, 'learning');
  await rad1.page.reload();
  await shown.getByText('Look twice at the apex').waitFor();
  assert.equal(await shown.getByLabel('What you would add').count(), 0);
});

chapter('the images of a discussed case are taken along for teaching, once somebody has looked at each of them', async () => {
  const { page } = people.quality2;
  const taught = page.getByRole('region', { name: 'Teaching set' });
  await taught.getByRole('button', { name: 'Make a teaching set' }).click();
  await taught.getByText(/^TEACHING-/).waitFor();
  await taught.getByRole('button', { name: 'Look at the images' }).click();
  const release = taught.getByRole('button', { name: 'Nobody is recognised: release' });
  assert.ok(await release.isDisabled(), 'nothing was looked at yet');
  await taught.getByRole('slider', { name: 'Image' }).press('End');
  await taught.getByText(/^1 of \d+ looked at|^2 of \d+ looked at/).waitFor();
  await stage.look(page, 'teaching');
  await taught.getByRole('slider', { name: 'Image' }).press('Home');
  await taught.getByRole('button', { name: 'Play' }).click();
  await until('all images looked at', () => release.isEnabled(), LOOKED_AT_MS);
  await release.click();
  await page.getByText('The teaching set is released.').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    taught.getByRole('link', { name: 'Download (zip)' }).click(),
  ]);
  const bytes = await readFile(await download.path());
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  assert.ok(!bytes.includes('Lung'), 'no name stands in it');
  await taught.getByRole('button', { name: 'Withdraw…' }).click();
  await taught.getByRole('textbox').fill('Another case shows it better.');
  await taught.getByRole('button', { name: 'Withdraw the set' }).click();
  await taught.getByText(/Withdrawn by quality2/).waitFor();
  await taught.getByRole('button', { name: 'Make a teaching set' }).waitFor();
});

chapter('a case that both rejected can test readers from then on', async () => {
  const { quality, rad1, rad2 } = people;
  const adams = await caseOf(quality, 'Adams', GENERATION_MS);
  await signs(rad1, adams, 'REJECT', password('rad1'));
  await signs(rad2, adams, 'REJECT', password('rad2'));
  await ends(quality, adams, 'REJECTED');
  await new Shell(quality.page).go('Cases');
  const cases = new CasesPage(quality.page);
  await cases.open('Adams, Ruth');
  await actsOf(cases.panel('Holds and acts'), 'Let it test readers', 'Both saw a vessel that is not there.');
  await quality.page.getByText('The run is marked.').waitFor();
  await new Shell(quality.page).go('Rules');
  await quality.page.getByRole('tab', { name: 'Test cases' }).click();
  await quality.page.getByText('No test case has been read yet').waitFor();
  await stage.look(quality.page, 'test-cases');
});

chapter('the figures of quality count the cases that ended, and open them', async () => {
  const { page } = people.quality;
  await new Shell(page).go('Quality');
  await page.getByText('2 cases ended').waitFor();
  await page.getByText('No test case was read in this period').waitFor();
  await stage.look(page, 'quality');
  await stage.lookZoomed(page, 'quality');
});

chapter('what a deployment costs is counted, entered and labelled, and the board gets a report', async () => {
  const { page, context } = people.admin;
  await new Shell(page).go('Rollout');
  await page.getByRole('link', { name: 'Cost and return' }).click();
  await page.getByRole('heading', { name: 'Cost and return' }).waitFor();
  const prices = page.getByRole('region', { name: 'Prices of the house' });
  await prices.getByRole('button', { name: 'Change the prices' }).click();
  await prices.getByLabel('An hour of a reader', { exact: true }).fill('180');
  await prices.getByLabel('How it is known: An hour of a reader').selectOption('CONTRACT');
  await prices.getByLabel('Why', { exact: true }).fill('The tariff of this year.');
  await prices.getByRole('button', { name: 'Put in force' }).click();
  await page.getByText('Version 1 is in force').waitFor();
  const account = page.getByRole('region', { name: 'What was spent and gained' });
  const readers = account.getByRole('row').filter({ hasText: 'Readers' });
  await readers.getByText('measured').waitFor();
  await readers.getByText('180.00').waitFor();
  await readers.getByText('contract').first().waitFor();
  await stage.lookFromTop(page, 'costs');
  await stage.lookZoomed(page, 'costs');

  await page.getByRole('button', { name: CHEST_DEPLOYMENT }).first().click();
  await page.getByText('No benefit is entered, so nothing is said of a return').waitFor();
  const plan = page.getByRole('region', { name: 'Plan of this deployment' });
  await plan.getByRole('button', { name: 'Change the plan' }).click();
  await plan.getByLabel('Licence and support, a month', { exact: true }).fill('900');
  await plan.getByLabel('Bringing it in, once', { exact: true }).fill('12000');
  await plan.getByRole('button', { name: 'Add a benefit' }).click();
  await plan.getByLabel('Benefit', { exact: true }).fill('Scan minutes saved');
  await plan.getByLabel('At least').fill('20');
  await plan.getByLabel('Likeliest').fill('45');
  await plan.getByLabel('At most').fill('70');
  await plan.getByRole('button', { name: 'Set a budget' }).click();
  // So much that the studies of later chapters are taken.
  await plan.getByLabel('A month may cost').fill('2600');
  await plan.getByLabel('Why', { exact: true }).fill('The contract of April.');
  await stage.look(page, 'costs-plan');
  await plan.getByRole('button', { name: 'Put in force' }).click();
  await page.getByRole('region', { name: 'Budget of the month' }).getByText('2,600.00 EUR').waitFor();
  // The demo is minutes old: nothing is told of a month.
  await page.getByText(/A month can’t be told from \d+ minutes?: break-even/).waitFor();
  assert.equal(await page.getByRole('region', { name: 'What a month leaves' }).count(), 0);
  await stage.lookFromTop(page, 'costs-deployment');
  await stage.lookZoomed(page, 'costs-deployment');

  for (const [name, begins] of [
    ['Board report (PDF)', '%PDF-'],
    ['Board report (HTML)', '<!DOCTYPE html>'],
    ['Table (CSV)', 'deployment,group,what'],
  ]) {
    const href = await page.getByRole('link', { name }).getAttribute('href');
    const file = await context.request.get(href);
    assert.ok(file.ok() && (await file.text()).startsWith(begins), name);
    const kept = { '%PDF-': 'board.pdf', '<!DOCTYPE html>': 'board.html' }[begins];
    if (kept) await writeFile(path.join(stage.screens, kept), await file.body());
  }
});

chapter('a study is investigated from the studies page, and its cases are held', async () => {
  const { page } = people.coordinator;
  await new Shell(page).go('Studies');
  const study = page.getByRole('article').filter({ hasText: 'Baker, Tom' });
  await actsOf(study, 'Investigate the study', 'Two patients may be mixed up.');
  await study.getByText('Two patients may be mixed up.').waitFor();
  await stage.look(page, 'studies');
  await new Shell(page).go('Coordination');
  await new CoordinationPage(page)
    .row('Baker, Tom')
    .filter({ hasText: 'held' })
    .getByText('held: the study is under investigation')
    .waitFor();
  const row = page.getByRole('row').filter({ hasText: 'Two patients may be mixed up.' });
  await row.getByRole('button', { name: 'End the investigation of Baker, Tom' }).click();
  await row.getByRole('button', { name: 'End the investigation' }).click();
  await page.getByText('No study is under investigation').waitFor();
});

chapter('the ledger is searched by patient and person, and an entry is checked in the browser', async () => {
  const { page } = people.quality;
  await new Shell(page).go('Ledger');
  await page.getByLabel('Person, service or device').fill('Demo Coordinator');
  await page.getByRole('button', { name: 'Filter' }).click();
  const ledger = new LedgerPage(page);
  await ledger.entry(/coordinator ended the investigation/).waitFor();
  assert.equal(await ledger.entry(/^\d+.*rad1 signed/).count(), 0);
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByLabel('Patient', { exact: true }).fill('DEMO-LUNG1');
  await page.getByRole('button', { name: 'Filter' }).click();
  await ledger.entry(/rad1 signed/).first().waitFor();
  await until('entries of this patient alone', async () => (await ledger.entry(/ended the investigation/).count()) === 0);
  assert.ok(!page.url().includes('LUNG'), 'no patient stands in an address');
  await stage.look(page, 'ledger-patient');
  await page.getByRole('button', { name: 'Show all' }).click();
  const key = await readFile(path.join(stage.data, 'ledger.vkey'), 'utf8').catch(() => keyOfLedger());
  // Each look at the ledger is an entry itself: those of the case alone stay on one page.
  const lung = await caseOf(people.quality, 'Demo^Lung', GENERATION_MS);
  await page.goto(`${stage.demo.address}/ledger?subject=${lung.id}`);
  await until('a checkpoint over the signature', async () => {
    await page.reload();
    const proof = ledger.proofOf(/rad1 signed accept/i);
    await proof.waitFor();
    if (!(await proof.innerText()).includes('not yet')) return true;
    // A checkpoint comes each minute, and each look in between would push the signature down the page.
    await page.waitForTimeout(15_000);
    return false;
  }, 120_000);
  await ledger.proofOf(/rad1 signed accept/i).click();
  await page.getByText('A signed checkpoint vouches for the first').waitFor();
  await page.getByLabel('Public key of the ledger').last().fill(key.trim());
  await page.getByRole('button', { name: 'Check in this browser' }).click();
  await ledger.outcome('tlog-proof').getByText('Verified').waitFor();
  await ledger.outcome('consistency-proof').getByText('Verified').waitFor();
  await stage.look(page, 'ledger');
  await stage.lookZoomed(page, 'ledger');
});

/** The public key, where the program keeps it. */
async function keyOfLedger() {
  const { stdout } = await runProgram('find', [stage.data, '-name', '*.vkey']);
  return readFile(stdout.trim().split('\n')[0], 'utf8');
}

chapter('R31: the saved page checks a proof without a server, and tells three outcomes apart', async () => {
  const { page } = people.quality;
  const download = async (act) => {
    const [file] = await Promise.all([page.waitForEvent('download'), act()]);
    const to = path.join(stage.folder, file.suggestedFilename());
    await file.saveAs(to);
    return to;
  };
  const proof = await download(() => page.getByRole('button', { name: 'This entry is in the ledger' }).click());
  await page.getByText('Check a proof of the ledger').click();
  const verifier = await download(() =>
    page.getByRole('link', { name: 'Save the page that does this without a server' }).click(),
  );
  const text = await readFile(proof, 'utf8');
  const [, index] = /^index (\d+)$/m.exec(text);
  const moved = path.join(stage.folder, 'moved.tlog-proof');
  await writeFile(moved, text.replace(`index ${index}`, `index ${Number(index) - 1}`));
  const other = path.join(stage.folder, 'other.txt');
  await writeFile(other, 'no proof\n');
  const key = path.join(stage.folder, 'key.txt');
  await writeFile(key, await keyOfLedger());
  const context = await stage.browser.newContext({ offline: true, locale: 'en-GB' });
  const alone = await context.newPage();
  const asked = [];
  alone.on('request', (request) => asked.push(request.url()));
  await alone.goto(`file://${verifier}`);
  await alone.getByLabel('or its file').setInputFiles(key);
  await alone.getByLabel('Proof files').setInputFiles([proof, moved, other]);
  const headings = alone.getByRole('article').getByRole('heading');
  await until('three outcomes', async () => (await headings.count()) === 3);
  assert.deepEqual(await headings.allInnerTexts(), ['✓ Verified', '✕ Inconsistent', '? Can’t tell']);
  await alone.getByText(/person rad1/).waitFor();
  assert.deepEqual(asked, [`file://${verifier}`]);
  assert.deepEqual(await axeFindings(alone), []);
  await context.close();
});

chapter('two named readers evaluate a case at shadow, blind to the model, and nothing of it is released', async () => {
  const { page } = people.admin;
  await new Shell(page).go('People');
  const grant = page.getByRole('form', { name: 'Grant a credential' });
  for (const reader of ['rad1', 'rad2']) {
    await grant.getByLabel('User name').fill(reader);
    await grant.getByLabel('Reads for').selectOption('EVALUATION');
    await grant.getByText(`${reader} may then evaluate CT`).waitFor();
    if (reader === 'rad1') await stage.look(page, 'people-evaluation');
    await grant.getByRole('button', { name: 'Grant' }).click();
    await grant.getByText(`${reader} may read CT`).waitFor();
  }
  await arrives(DAVIS);
  const davis = await caseOf(people.quality, 'Davis', GENERATION_MS);
  const { page: reading } = people.rad1;
  await new Shell(reading).go('Worklist');
  const worklist = new WorklistPage(reading);
  assert.equal(await worklist.row('Davis, Ann').count(), 0, 'no clinical view shows it');
  await worklist.view('Evaluation').click();
  await worklist.waitFor('Davis, Ann', 60_000);
  await worklist.select('Davis, Ann');
  const panel = reading.getByRole('complementary', { name: 'Selected case' });
  await panel.getByText('hidden until your read is final').first().waitFor();
  await stage.look(reading, 'worklist-evaluation');
  for (const reader of ['rad1', 'rad2']) await signs(people[reader], davis, 'ACCEPT', password(reader));
  await ends(people.quality, davis, 'EVALUATED');
  // Should the hint be lost, the list is looked at after half a minute.
  await worklist.row('Davis, Ann').waitFor({ state: 'detached', timeout: 60_000 });
  // And the gate to the next stage leads to the case that it counts.
  const { page: quality } = people.quality;
  await new Shell(quality).go('Rollout');
  const rollout = new RolloutPage(quality);
  await rollout.open(ABDOMEN_DEPLOYMENT);
  const gate = rollout.panel(ABDOMEN_DEPLOYMENT);
  const counted = gate.getByRole('row').filter({ hasText: 'share of ended cases that was accepted' });
  await counted.getByRole('link', { name: '1 in all' }).scrollIntoViewIfNeeded();
  await stage.look(quality, 'gate-cases-lead');
  await counted.getByRole('link', { name: '1 in all' }).click();
  await quality.getByRole('heading', { name: 'Cases that the gate counts' }).waitFor();
  await quality.getByRole('link', { name: 'Davis, Ann' }).waitFor();
  await stage.look(quality, 'gate-cases');
});

chapter('the name of somebody is erased by two people, and what they signed stays proved', async () => {
  const { quality, quality2 } = people;
  const lung = await caseOf(quality, 'Demo^Lung', GENERATION_MS);
  const opens = async (page) => {
    await page.goto(`${stage.demo.address}/ledger?subject=${lung.id}`);
    await page.getByRole('heading', { name: 'Names and words of people' }).click();
  };
  await opens(quality.page);
  const form = quality.page.getByRole('form', { name: 'Propose the erasure' });
  await form.getByLabel('Account').fill('rad2');
  await form.getByLabel(/reason/i).fill('Request 17 of the data protection officer');
  await form.getByRole('button', { name: 'Propose the erasure' }).click();
  await quality.page.getByText('Somebody else of quality has to approve it').waitFor();
  await quality.page.getByText('somebody else must approve it').waitFor();
  await opens(quality2.page);
  const wish = quality2.page.getByRole('listitem').filter({ hasText: 'Name of rad2' });
  await wish.getByRole('button', { name: 'Approve: Name of rad2' }).click();
  await stage.look(quality2.page, 'ledger-erasure');
  await wish.getByRole('button', { name: 'Approve', exact: true }).click();
  await wish.getByText(/entr(y|ies) lost content/).waitFor();
  await until('the name is gone', async () => {
    await quality2.page.reload();
    const ledger = new LedgerPage(quality2.page);
    await ledger.entry(/signed accept/i).first().waitFor();
    return (await ledger.entry(/\(erased on [0-9-]+\) signed accept/i).count()) > 0;
  });
  assert.equal(await new LedgerPage(quality2.page).entry(/rad2 signed/i).count(), 0);
  const ledger = new LedgerPage(quality2.page);
  await ledger.proofOf(/\(erased on [0-9-]+\) signed accept/i).click();
  await quality2.page.getByLabel('Public key of the ledger').last().fill((await keyOfLedger()).trim());
  await quality2.page.getByRole('button', { name: 'Check in this browser' }).click();
  await ledger.outcome('tlog-proof').getByText('Verified').waitFor();
  await stage.look(quality2.page, 'ledger-erased');
});

chapter('images that come again under another name wait until a coordinator says whose they are', async () => {
  await arrives(CLARK);
  const first = await caseOf(people.quality, 'Clark^Joan', GENERATION_MS);
  await arrives(CORRECTED);
  const { page } = people.coordinator;
  await new Shell(page).go('Coordination');
  const coordination = new CoordinationPage(page);
  await coordination.row('Clark, Joan').getByText('held: came under another identity').waitFor();
  await coordination.choose('Clark, Joan');
  const identities = coordination.panel().getByRole('table');
  await identities.getByRole('columnheader', { name: /^Came again \(\d+ of \d+ images\)$/ }).waitFor();
  const names = identities.getByRole('row').filter({ hasText: 'Name' });
  assert.match(await names.innerText(), /Clark, Joan\s+Clarke, Joanna/);
  await coordination.panel().getByRole('button', { name: 'Take the new identity' }).click();
  await coordination.panel().getByText('nothing is sent under the old identity').waitFor();
  await stage.look(page, 'identity');
  await page.keyboard.press('Escape');
  await coordination.acts('Take the new identity', 'The registry confirmed the correction.');
  await coordination.panel().getByText('The study has its new identity.').waitFor();
  await ends(people.quality, first, 'SUPERSEDED');
  // The case under the new identity is another one: the first has ended.
  await coordination.row('Clarke, Joanna').getByText('queued').waitFor({ timeout: GENERATION_MS });
});

chapter('a signature that should not have been given does not count, once two people say so', async () => {
  const { coordinator, quality, rad1 } = people;
  const clarke = await caseOf(quality, 'Clarke^Joanna', GENERATION_MS, 'QUEUED');
  await signs(rad1, clarke, 'ACCEPT', password('rad1'));
  const coordination = new CoordinationPage(coordinator.page);
  await coordination.choose('Clarke, Joanna');
  await coordination.acts('Hold', 'Her credential had ended.');
  await quality.page.goto(`${stage.demo.address}/cases/${clarke.id}`);
  await quality.page.getByText('A signature doesn’t count …').click();
  const form = quality.page.getByRole('form', { name: 'A signature doesn’t count …' });
  await form.getByLabel('Whose signature (user name)').fill('rad1');
  await form.getByLabel('Reason').fill('Her credential ended the day before.');
  await stage.look(quality.page, 'invalidation');
  await form.getByRole('button', { name: 'It doesn’t count' }).click();
  await quality.page.getByText(/quality found that .* does not count/).waitFor();
  await coordination.acts('Resume');
  await coordination.row('Clarke, Joanna').getByText('queued').waitFor();
});

chapter('no page had an error, none was refused by its own policy', async () => {
  const faults = Object.values(people).flatMap((person) => person.faults);
  assert.deepEqual(faults, []);
});
