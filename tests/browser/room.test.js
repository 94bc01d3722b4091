/**
 * The reading room by itself, in a real browser against the real binary: stages, turns, maps, windows. What stands on
 * the page is held to values that are read from the files without the page's code.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before } from 'node:test';
import { PANES, ReadingRoom } from './pages/reading_room.js';
import { WorklistPage } from './pages/worklist.js';
import { canvasesFit } from './src/canvas.js';
import { widestShown } from './src/model.js';
import { cutWords, smallTargets, smallWords } from './src/legibility.js';
import { askAs, axeFindings, instancesAs, LARGE, newPerson, SMALL } from './src/people.js';
import { pixelUnder } from './src/place.js';
import { readSlice } from './src/slice_file.js';
import { Stage, ZOOMED } from './src/stage.js';
import { until } from './src/until.js';

const GENERATION_MS = 180_000;
const CHAPTER_MS = 240_000;
const LUNG = 'Demo, Lung One';
/** Half the rounding of a value on the page, and the half pixel within which a pointer may lie. */
const ROUNDING_HU = 0.51;

/** As long as DICOM lets a component group of a name be. Source: PS3.5 6.2. */
const LONGEST_NAME = 'Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine Adolph Charle';
/** A 4K screen as it is, and the same screen at 200 %: the words that must be no smaller, CSS pixels. */
const SCREENS_4K = [
  { name: '4k', size: { width: 3840, height: 2160 }, density: 1, wordsMin: 14 },
  { name: '4k-200', size: LARGE, density: 2, wordsMin: 12 },
];
/** The largest page at 200 %. */
const ZOOMED_LARGE = { width: LARGE.width / 2, height: LARGE.height / 2 };

const stage = new Stage('room');
const chapter = (name, tell) => stage.chapter(name, CHAPTER_MS, tell);
let person;
let room;
/** The slices of the original, lowest first. */
let slices;

async function look(page, name) {
  await until('every pane is drawn in its size', () => canvasesFit(page));
  await page.screenshot({ path: path.join(stage.screens, `${name}.png`), animations: 'disabled' });
  assert.deepEqual(await axeFindings(page), [], `accessibility of ${name}`);
}

async function opens(reader) {
  const worklist = new WorklistPage(reader.page);
  await worklist.find(LUNG, GENERATION_MS);
  await worklist.select(LUNG);
  await worklist.start().click();
  const opened = new ReadingRoom(reader.page);
  await opened.waitUntilWhole();
  return opened;
}

const caseIdOf = (reader) => reader.page.url().split('/').at(-1);

/** Brightness of a pane's canvas along its middle line, from left to right. */
function middleLine(opened, pane) {
  return opened
    .pane(pane)
    .locator('canvas')
    .evaluate((canvas) => {
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      context.drawImage(canvas, 0, 0);
      const y = Math.round(canvas.height * 0.45);
      const { data } = context.getImageData(0, y, canvas.width, 1);
      return Array.from({ length: canvas.width }, (_, x) => data[4 * x]);
    });
}

/** The words at the corners of a pane, and where they stand. */
function cornersOf(pane) {
  return room.pane(pane).locator('.corner:not(:empty)').evaluateAll((corners) =>
    corners.map((corner) => {
      const { left, right, top, bottom } = corner.getBoundingClientRect();
      return { text: corner.textContent, left, right, top, bottom };
    }),
  );
}

const areApart = (one, two) =>
  one.right <= two.left || two.right <= one.left || one.bottom <= two.top || two.bottom <= one.top;

/** Parts of a place that do not lie whole within another one and within the window. */
async function partsOutOf(place, around) {
  const { x, y, width, height } = await around.boundingBox();
  return place.evaluate(
    (element, { left, top, right, bottom }) =>
      [element, ...element.children]
        .filter((part) => {
          const box = part.getBoundingClientRect();
          const isCut = part.scrollWidth > part.clientWidth + 1 && part !== element;
          const isIn =
            box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom;
          return box.width === 0 || !isIn || isCut;
        })
        .map((part) => part.textContent),
    { left: x, top: y, right: Math.min(x + width, (await around.page().viewportSize()).width), bottom: y + height },
  );
}

/** How far the page reaches beyond the window, px. */
const beyond = (page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
    return { right: scrollWidth - clientWidth, below: scrollHeight - clientHeight };
  });

const meanGap = (one, two) => one.reduce((sum, value, x) => sum + Math.abs(value - two[x]), 0) / one.length;

before(() => stage.open());
after(() => stage.close());

chapter('the original stands alone, and no key of the AI shows anything before it was left', async () => {
  person = await stage.arrives('rad1');
  room = await opens(person);
  for (const key of ['g', 'f', 'w', 'd', 'u', 'q']) await room.press(key);
  assert.equal(await person.page.locator('[data-pane]').count(), 1);
  assert.equal(await room.pane('original').count(), 1);
  await room.press('.');
  await room.pane('uncertainty').waitFor();
  const { data } = await askAs(
    person,
    `query ($id: ID!) { case(id: $id) { study { studyInstanceUid }
      source { seriesInstanceUid instances { sopInstanceUid } } } }`,
    { id: caseIdOf(person) },
  );
  const { study, source } = data.case;
  const uids = source.instances.map(({ sopInstanceUid }) => sopInstanceUid);
  const files = await instancesAs(person, study.studyInstanceUid, source.seriesInstanceUid, uids);
  slices = await Promise.all(files.map((bytes, index) => readSlice(bytes, stage.folder, `slice-${index}`)));
  slices.sort((a, b) => a.origin[2] - b.origin[2]);
});

chapter('the value under the pointer is that of the file', async () => {
  for (const [x, y] of [
    [0.35, 0.7],
    [0.5, 0.3],
    [0.62, 0.55],
  ]) {
    await room.pointAt('original', x, y);
    const { slice, column, row } = await pixelUnder(room, slices, 'original', x, y);
    const expected = slice.valueAt(Math.round(column), Math.round(row));
    await until(
      `${expected} HU at ${x}, ${y}`,
      async () => Math.abs((await room.value('original')) - expected) <= ROUNDING_HU,
    );
  }
});

chapter('r03_letters_are_the_same_in_every_pane_after_each_turn', async () => {
  const steps = [
    ['h', 'L A'],
    ['v', 'L P'],
    ['r', 'A L'],
    ['l', 'L P'],
    [' ', 'R A'],
  ];
  for (const [key, expected] of steps) {
    await room.press(key);
    for (const pane of PANES) {
      await until(`${expected} in ${pane} after "${key}"`, async () => (await room.letters(pane)) === expected);
    }
  }
});

chapter('the difference has a map of coherent structure, the uncertainty a line and the original in its place', async () => {
  const voxels = await middleLine(room, 'difference');
  await room.press('s');
  await room.pane('difference').getByText('COHERENT STRUCTURE').waitFor();
  await until('another picture', async () => {
    const now = await middleLine(room, 'difference');
    return now.some((value) => value > 0) && meanGap(now, voxels) > 5;
  });
  assert.match(await room.paneText('difference'), /−8\s*\+8 σ/);
  await room.press('u');
  for (const pane of ['original', 'ai']) await room.pane(pane).locator('.contour').waitFor({ state: 'attached' });
  await room.press('Shift+U');
  const half = (await widestShown()) / 2;
  await room.pane('ai').getByText(`ORIGINAL where wider than ±${half.toFixed(1)} HU`).waitFor();
  await look(person.page, 'room-maps');
  for (const key of ['Shift+U', 'u', 's']) await room.press(key);
});

chapter('a curtain parts original and AI, and the AI says on its own side what it is', async () => {
  await room.press('w');
  const curtain = person.page.getByRole('slider', { name: /Curtain/ });
  await curtain.waitFor();
  await room.pane('ai').locator('.corner-tr').getByText('AI-GENERATED — NOT RELEASED').waitFor();
  await look(person.page, 'room-curtain');
  await room.press('ArrowRight');
  await until('the curtain moves', async () => (await curtain.getAttribute('aria-valuenow')) === '52');
  await room.press('w');
});

chapter('at 200 % no words lie on what the AI made is called, and nothing is out of reach', async () => {
  const { page } = person;
  await room.press(',');
  await room.pane('uncertainty').waitFor();
  await page.setViewportSize(ZOOMED_LARGE);
  await until('every pane is drawn in its size', () => canvasesFit(page));
  for (const pane of PANES) {
    const boxes = await cornersOf(pane);
    assert.ok(boxes.length >= 3, `${pane} has corners`);
    for (const [index, one] of boxes.entries()) {
      for (const two of boxes.slice(index + 1)) assert.ok(areApart(one, two), `${pane}: ${one.text} on ${two.text}`);
    }
  }
  assert.deepEqual(await beyond(page), { right: 0, below: 0 });
  await page.screenshot({ path: path.join(stage.screens, 'room-zoomed.png'), animations: 'disabled' });
  await page.setViewportSize(ZOOMED);
  await until('every pane is drawn in its size', () => canvasesFit(page));
  assert.equal((await beyond(page)).right, 0);
  for (const reached of [room.verdict('Reject'), page.getByRole('button', { name: /^Sign …/ })]) {
    await reached.scrollIntoViewIfNeeded();
    const box = await reached.boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= ZOOMED.height, JSON.stringify(box));
  }
  await page.screenshot({ path: path.join(stage.screens, 'room-zoomed-small.png'), animations: 'disabled' });
  await page.setViewportSize(LARGE);
  await until('every pane is drawn in its size', () => canvasesFit(page));
});

chapter('r27_who_it_is_is_whole_beside_the_pixels_at_every_size', async () => {
  const { page } = person;
  const who = page.locator('.room-who');
  const name = who.getByRole('heading');
  const known = await name.innerText();
  assert.match(await who.innerText(), new RegExp(`${LUNG}\\s+DEMO-LUNG1`));
  for (const shown of [known, LONGEST_NAME]) {
    await name.evaluate((heading, text) => {
      heading.textContent = text;
    }, shown);
    for (const size of [LARGE, SMALL, ZOOMED]) {
      await page.setViewportSize(size);
      assert.deepEqual(await partsOutOf(who, page.getByRole('banner')), [], `${shown} at ${size.width} px`);
    }
  }
  await name.evaluate((heading, text) => {
    heading.textContent = text;
  }, known);
  await page.setViewportSize(LARGE);
});

/** What can be read and hit on a page of a 4K screen. */
async function assertLegible(page, name, wordsMin) {
  assert.deepEqual(await smallWords(page, wordsMin), [], `${name}: words smaller than ${wordsMin} px`);
  assert.deepEqual(await smallTargets(page), [], `${name}: targets smaller than 24 px`);
  assert.deepEqual(await cutWords(page), [], `${name}: words that are cut off`);
  assert.equal((await beyond(page)).right, 0, `${name}: wider than the window`);
  assert.deepEqual(await axeFindings(page), [], `accessibility of ${name}`);
}

chapter('on a 4K screen, as it is and at 200 %, words, targets and panes keep their size and nothing is cut', async () => {
  const storageState = await person.context.storageState();
  const caseAddress = new URL(person.page.url()).pathname;
  for (const { name, size, density, wordsMin } of SCREENS_4K) {
    const options = { viewport: size, deviceScaleFactor: density, storageState };
    const wide = await newPerson(stage.browser, stage.demo.address, 'rad1', options);
    const { page } = wide;
    await page.goto('/worklist');
    await new WorklistPage(page).find(LUNG, GENERATION_MS);
    await assertLegible(page, `worklist ${name}`, wordsMin);
    const hidden = await page
      .getByRole('region', { name: 'Cases, most urgent first' })
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    assert.equal(hidden, 0, `worklist ${name}: ${hidden} px of the table are out of sight`);
    await page.screenshot({ path: path.join(stage.screens, `worklist-${name}.png`), animations: 'disabled' });
    await page.goto(caseAddress);
    const opened = new ReadingRoom(page);
    await opened.waitUntilWhole();
    await opened.compare();
    await until('every pane is drawn in its size', () => canvasesFit(page));
    await page.screenshot({ path: path.join(stage.screens, `room-${name}.png`), animations: 'disabled' });
    await assertLegible(page, `room ${name}`, wordsMin);
    const column = await page.getByRole('complementary', { name: 'Read' }).boundingBox();
    const boxes = await Promise.all(PANES.map((pane) => opened.pane(pane).boundingBox()));
    for (const box of boxes) {
      assert.ok(Math.abs(box.width - (size.width - column.width) / 2) <= 2, `${name}: ${JSON.stringify(box)}`);
      assert.ok(box.height >= 0.44 * size.height, `${name}: ${JSON.stringify(box)}`);
      assert.ok(Math.abs(box.height - boxes[0].height) <= 1, 'all panes are one size');
    }
    assert.deepEqual(wide.faults, []);
    await wide.context.close();
  }
});

chapter('the room had no error', () => {
  assert.deepEqual(person.faults, []);
});

chapter('the images go into a window of their own, and come back', async () => {
  const [popup] = await Promise.all([person.page.waitForEvent('popup'), room.press('Shift+D')]);
  await popup.locator('[data-pane=ai] canvas').waitFor();
  await until('a picture there', async () => {
    const figures = await new ReadingRoom(popup).figures('ai');
    return figures.levels > 100;
  });
  const before = await new ReadingRoom(popup).place('ai');
  await popup.keyboard.press('ArrowDown');
  await until('its keys move the room', async () => (await new ReadingRoom(popup).place('ai')).slice !== before.slice);
  await popup.screenshot({ path: path.join(stage.screens, 'room-own-window.png') });
  await person.page.getByRole('button', { name: 'Bring the images back' }).click();
  await room.pane('ai').locator('canvas').waitFor();
});
