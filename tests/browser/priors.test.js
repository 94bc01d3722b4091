/**
 * Earlier images of the patient beside those of today, in a real browser against the real binary: two priors that the
 * scanner sends, one in the frame of reference of today and one in another. Places and values on the page are held to
 * those of the files, read without the page's code. And the other images that stand beside one another: a pair of a
 * comparison, with errors marked on its sides.
 */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { ReadingRoom } from './pages/reading_room.js';
import { WorklistPage } from './pages/worklist.js';
import { offeredTo, signs } from './src/api_readers.js';
import { canvasesFit } from './src/canvas.js';
import { beginsComparison, readsPairsOnly } from './src/comparison.js';
import { askAs, instancesAs } from './src/people.js';
import { placeOfPixel } from './src/place.js';
import { sendStudy, studyUidOf } from './src/scanner.js';
import { readSlice } from './src/slice_file.js';
import { Stage } from './src/stage.js';
import { until } from './src/until.js';

const GENERATION_MS = 180_000;
const CHAPTER_MS = 300_000;
const LUNG = 'Demo, Lung One';
/** Half the rounding of a value on the page, and the half pixel within which a pointer may lie. */
const ROUNDING_HU = 0.51;
/** A position is written to a tenth of a millimetre. */
const ROUNDING_MM = 0.051;
/** How far the prior of the same frame lies from the images of today: whole pixels, so that their middles meet, and mm. */
const MOVED = { columns: 10, rows: -6, upMm: 0.4 };
const NOBODYS_PART = 'CHESTABDPELVIS';
const PAIRED = { number: 44, name: 'Pair^Marked', patientId: 'PAIR-1', sex: 'M', birthDate: '19550817' };
const ALONE = { number: 43, name: 'Prior^Without', patientId: 'PRIOR-0', sex: 'F', birthDate: '19600402' };

const stage = new Stage('priors');
const chapter = (name, tell) => stage.chapter(name, CHAPTER_MS, tell);
let reader;
let room;
/** The slices of today and of the prior in the same frame, lowest first. */
const slices = {};
/** Whole files of the original. */
let files;

const CASES = `{ worklist(first: 50) { nodes { id study { studyInstanceUid studyDate
  patient { name patientId issuer sex birthDate } }
  source { seriesInstanceUid instances { sopInstanceUid } } } } }`;

async function readAll(bytes, name) {
  const read = await Promise.all(bytes.map((file, at) => readSlice(file, stage.folder, `${name}-${at}`)));
  return read.sort((one, two) => one.origin[2] - two.origin[2]);
}

const filesOf = (study, series, uids) => instancesAs(reader, study, series, uids);
const toStage = () => ({ folder: stage.folder, port: stage.demo.dicomPort });

/** A study of the same patient on another day, that no deployment wants. */
const onAnotherDay = (date) => [
  `(0008,0020)=${date}`,
  '(0008,1030)=Whole body',
  '(0008,103e)=Follow-up',
  '(0018,1030)=Follow-up',
];

async function isReady(uid) {
  const question = '{ studies(first: 50) { nodes { studyInstanceUid series { state parkedReason } } } }';
  await until(`${uid} is a volume`, async () => {
    const { data } = await askAs(reader, question);
    const study = data.studies.nodes.find(({ studyInstanceUid }) => studyInstanceUid === uid);
    return study?.series[0].state === 'READY';
  });
}

const wordsOf = (pane) => room.paneText(pane);
const hasWords = (pane, words) => until(`${words} in ${pane}`, async () => words.test(await wordsOf(pane)));

async function wheelOver(pane, deltaY) {
  await room.pointAt(pane, 0.5, 0.5);
  await reader.page.mouse.wheel(0, deltaY);
}

async function opens(patient) {
  const worklist = new WorklistPage(reader.page);
  await worklist.find(patient, GENERATION_MS);
  await worklist.select(patient);
  await worklist.start().click();
  room = new ReadingRoom(reader.page);
  await room.waitUntilWhole();
}

before(() => stage.open());
after(() => stage.close());

chapter('two earlier studies of the patient arrive', async () => {
  reader = await stage.arrives('rad1');
  const worklist = new WorklistPage(reader.page);
  await worklist.find(LUNG, GENERATION_MS);
  const { data } = await askAs(reader, CASES);
  const { study, source } = data.worklist.nodes.find(({ study }) => study.patient.patientId === 'DEMO-LUNG1');
  assert.equal(study.studyDate, '20250101');
  const uids = source.instances.map(({ sopInstanceUid }) => sopInstanceUid);
  files = await filesOf(study.studyInstanceUid, source.seriesInstanceUid, uids);
  slices.today = await readAll(files, 'today');
  const { patient } = study;
  const samePerson = { ...patient, bodyPart: NOBODYS_PART };
  await sendStudy(files, { ...samePerson, number: 41 }, toStage(), () => onAnotherDay('20241001'));

  const inOrder = await Promise.all(files.map((file, at) => readSlice(file, stage.folder, `order-${at}`)));
  const { frame } = inOrder[0];
  const moved = (at) => {
    const [x, y, z] = inOrder[at].point(MOVED.columns, MOVED.rows);
    return [x, y, z + MOVED.upMm].map((mm) => mm.toFixed(4)).join('\\');
  };
  const inSameFrame = (at) => [
    ...onAnotherDay('20210615'),
    `(0020,0052)=${frame}`,
    `(0020,0032)=${moved(at)}`,
  ];
  await sendStudy(files, { ...samePerson, number: 42 }, toStage(), inSameFrame);
  for (const number of [41, 42]) await isReady(studyUidOf({ number }));
  const prior = studyUidOf({ number: 42 });
  const priorUids = files.map((_, at) => `${prior}.1.${at + 1}`);
  slices.prior = await readAll(await filesOf(prior, `${prior}.1`, priorUids), 'prior');
});

chapter('the newest prior stands beside the images of today, says how old it is and is never called the AI’s', async () => {
  await opens(LUNG);
  await room.press('p');
  assert.deepEqual(await room.shown(), ['original'], 'the original is left before anything of the AI shows');
  await room.compare();
  await room.press('p');
  await room.pane('prior').waitFor();
  assert.deepEqual(await room.shown(), ['prior', 'original', 'ai']);
  await hasWords('prior', /PRIOR 2024-10-01 · 3 months earlier/);
  await hasWords('prior', /1 of 2 · CT · Whole body · Follow-up · overlapping body part/);
  await until('a picture of the prior', async () => (await room.figures('prior')).levels > 100);
  for (const name of ['prior', 'original']) {
    assert.doesNotMatch(await wordsOf(name), /AI-GENERATED/);
    assert.equal(await reader.page.locator(`.pane-ai[data-pane=${name}]`).count(), 0, `${name} is framed`);
  }
  assert.match(await wordsOf('ai'), /AI-GENERATED — NOT RELEASED/);
  assert.match(await wordsOf('prior'), /DEMO-LUNG1/, 'whose it is');
});

chapter('in another frame of reference the prior moves alone until the reader says where both show the same', async () => {
  await hasWords('prior', /not the same frame of reference: scroll here to the same place, then =/);
  const [today, before] = [await room.place('original'), await room.place('prior')];
  await wheelOver('prior', 100);
  await until('the prior went on', async () => (await room.place('prior')).slice === before.slice + 1);
  await room.press('Shift+ArrowDown');
  await until('by the keyboard too', async () => (await room.place('prior')).slice === before.slice + 2);
  assert.deepEqual(await room.place('original'), today, 'the images of today stayed');

  await room.press('=');
  const aligned = await room.place('prior');
  const offset = (aligned.mm - today.mm).toFixed(1);
  await hasWords('prior', /aligned by hand at [−\d.]+ mm \(offset \+[\d.]+ mm\)/);
  const stated = (await wordsOf('prior')).match(/at ([−\d.]+) mm \(offset \+([\d.]+) mm\)/);
  assert.ok(Math.abs(Number(stated[1].replace('−', '-')) - today.mm) < ROUNDING_MM, stated[0]);
  assert.ok(Math.abs(Number(stated[2]) - Number(offset)) < 2 * ROUNDING_MM + 0.05, `${stated[0]}: ${offset}`);
  await stage.look(reader.page, 'priors-by-hand');

  await room.press('ArrowDown');
  await until('the images of today went on', async () => (await room.place('original')).slice === today.slice + 1);
  const [next, beside] = [await room.place('original'), await room.place('prior')];
  assert.ok(Math.abs(beside.mm - aligned.mm - (next.mm - today.mm)) < 3 * ROUNDING_MM, 'and the prior with them');
  await wheelOver('prior', 100);
  await until('over the prior both go on', async () => (await room.place('original')).slice === next.slice + 1);
  await room.press('=');
  await hasWords('prior', /then =/);
});

chapter('in the same frame of reference one place of the patient lies at one place of the panes, in one scale', async () => {
  await room.press('Shift+P');
  await hasWords('prior', /PRIOR 2021-06-15 · 3 years earlier/);
  await hasWords('prior', /2 of 2/);
  await hasWords('prior', /linked by patient position/);
  await until('a picture of it', async () => (await room.figures('prior')).levels > 100);
  await hasWords('prior', /slice \d+\/\d+/);
  const today = await room.place('original');
  const nearest = slices.prior.reduce((best, slice) =>
    Math.abs(slice.origin[2] - today.mm) < Math.abs(best.origin[2] - today.mm) ? slice : best,
  );
  const shown = await room.place('prior');
  assert.ok(Math.abs(shown.mm - nearest.origin[2]) < ROUNDING_MM, `${shown.mm} mm beside ${today.mm} mm`);
  for (const [pane, x, y] of [
    ['original', 0.35, 0.55],
    ['prior', 0.62, 0.45],
  ]) {
    const slice = slices.today[today.slice - 1];
    const [column, row] = [Math.round(x * slice.columns), Math.round(y * slice.rows)];
    // The camera is over the slice of today, in every pane.
    const place = await placeOfPixel(room, slice, pane, column, row);
    await reader.page.mouse.move(place.x, place.y);
    const point = slice.point(column, row);
    const valueOf = (of) => of.valueAt(...of.pixel(point).map(Math.round));
    for (const [name, expected] of [
      ['original', valueOf(slice)],
      ['prior', valueOf(nearest)],
    ]) {
      const near = async () => Math.abs((await room.value(name)) - expected) <= ROUNDING_HU;
      await until(`${expected} HU in ${name}, the pointer over ${pane}`, near);
    }
  }
  await room.press('2');
  await until('one window for both', async () => (await room.window('prior')).width === 1500);
  assert.deepEqual(await room.window('prior'), await room.window('original'));
  await until('every pane is drawn in its size', () => canvasesFit(reader.page));
  await stage.look(reader.page, 'priors-in-one-frame');
  await stage.lookZoomed(reader.page, 'priors');
});

chapter('the letters turn with the images of today, and the key map names every key of the prior', async () => {
  await room.press('h');
  for (const name of ['prior', 'original', 'ai']) {
    await until(`L in ${name}`, async () => (await room.letters(name)) === 'L A');
  }
  await room.press('h');
  await room.press('?');
  const help = reader.page.getByRole('dialog', { name: 'Keys' });
  for (const words of ['beside the prior', 'another prior', 'prior aligned here', 'prior alone: next slice']) {
    await help.getByText(words).waitFor();
  }
  await room.press('Escape');
});

chapter('a patient who was never here before has no prior, and the page says so', async () => {
  await room.leave();
  await sendStudy(files, ALONE, toStage());
  await opens('Prior, Without');
  await room.compare();
  await room.press('p');
  await room.pane('prior').getByText('No prior: nothing earlier of this patient').waitFor();
  await stage.look(reader.page, 'priors-none');
  assert.deepEqual(reader.faults, []);
});

chapter('errors are marked on one side of a pair, by a reader who can’t know which model made it', async () => {
  const [rad2, rad3] = [await stage.arrives('rad2'), await stage.arrives('rad3')];
  const [admin, quality] = [await stage.arrives('admin'), await stage.arrives('quality')];
  await readsPairsOnly(quality);
  await beginsComparison(stage, admin, 'rad3');
  await sendStudy(files, { ...PAIRED, bodyPart: 'CHEST' }, toStage());
  const theirs = await offeredTo(reader, PAIRED.name, GENERATION_MS);
  for (const one of [reader, rad2]) {
    await signs(one, theirs, 'ACCEPT', stage.demo.passwordOf(one.username));
  }
  const { page } = rad3;
  await new WorklistPage(page).view('Evaluation').click({ timeout: GENERATION_MS });
  await page.getByRole('link', { name: 'compare', exact: true }).click({ timeout: GENERATION_MS });
  await page.getByText('all images are here').waitFor({ timeout: GENERATION_MS });
  const pair = new ReadingRoom(page);
  const marks = (side) => pair.pane(`pair-${side}`).locator('.mark-finding');
  await pair.mark('1', 'pair-a', 0.4, 0.5);
  await pair.mark('2', 'pair-b', 0.6, 0.5);
  await pair.mark('2', 'pair-b', 0.5, 0.4);
  assert.deepEqual([await marks('original').count(), await marks('a').count(), await marks('b').count()], [0, 1, 2]);
  const wrongOn = (side) => page.getByRole('group', { name: `Wrong on ${side}` });
  const counted = (side, kind) => wrongOn(side).getByLabel(kind, { exact: true }).inputValue();
  assert.deepEqual([await counted('A', 'invented'), await counted('B', 'lost')], ['1', '2']);
  await stage.look(page, 'pair-marked');
  await page.keyboard.press('Control+z');
  assert.deepEqual([await marks('b').count(), await counted('B', 'lost')], [1, '1']);
  await page.keyboard.press('Control+Shift+z');
  await page.keyboard.press('PageDown');
  assert.equal(await marks('b').count(), 0, 'ten slices further nothing is marked');
  await wrongOn('B').getByRole('button', { name: /^1\s*lost$/ }).click();
  assert.equal(await marks('b').count(), 2, 'the entry leads back to its place');
  await wrongOn('B').getByRole('button', { name: 'Remove mark 1: Wrong on B' }).click();
  assert.deepEqual([await marks('b').count(), await counted('B', 'lost')], [1, '1']);
  await page.keyboard.press('4');
  await page.getByLabel('Your user name').fill('rad3');
  await page.getByLabel(/^Password of /).fill(stage.demo.passwordOf('rad3'));
  await page.getByRole('button', { name: 'Sign the answer' }).click();
  await page.getByText('Which model stood on which side is not told').waitFor();
  assert.equal(await marks('b').count(), 1, 'what was signed stays on the image');
  await stage.look(page, 'pair-signed');
});
