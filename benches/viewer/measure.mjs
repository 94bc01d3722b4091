// Opens cases in the reading room and in the bare page, in turn, and prints one JSON line. Run by viewer.py, with what
// it is to do as JSON in BENCH_PLAN.
import { readFile } from 'node:fs/promises';
import { ReadingRoom } from '../../tests/browser/pages/reading_room.js';
import { SignInPage } from '../../tests/browser/pages/sign_in.js';
import { WorklistPage } from '../../tests/browser/pages/worklist.js';
import { launch, newPerson } from '../../tests/browser/src/people.js';
import { watch } from './watch.js';

const plan = JSON.parse(process.env.BENCH_PLAN);
const PANES = ['original', 'ai', 'difference', 'uncertainty'];
const PATIENCE_MS = 240_000;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** A page that is watched; `patience` replaces the story's own. */
async function watched(browser, address) {
  const person = await newPerson(browser, address, 'rad1');
  await person.context.addInitScript(watch);
  person.page.setDefaultTimeout(PATIENCE_MS);
  return person;
}

const bench = (page, what, ...given) =>
  page.evaluate(([name, parameters]) => window.viewerBench[name](...parameters), [what, given]);

async function shown(page, panes) {
  const since = (wanted) => window.viewerBench.since(wanted);
  const found = await page.waitForFunction(since, panes, { polling: 50, timeout: PATIENCE_MS });
  return found.jsonValue();
}

/** What the page could not answer for: all of its long tasks since the click, and the longest, in seconds. */
async function blocked(page) {
  const tasks = await page.evaluate(() => window.viewerBench.blocked);
  return { sum: tasks.reduce((sum, task) => sum + task, 0) / 1000, longest: Math.max(0, ...tasks) / 1000 };
}

/** Slices a second, forward over slices that were not looked at before, and back over them. */
async function scrolled(page) {
  const forward = await bench(page, 'scroll', plan.steps, 1);
  const back = await bench(page, 'scroll', plan.steps, -1);
  const rate = ({ spent }) => 1000 / median(spent);
  return {
    forward: rate(forward),
    back: rate(back),
    frames: (forward.frames + back.frames) / (2 * plan.steps),
  };
}

/** The reading room, from the worklist on. */
class OurRoom {
  constructor(address) {
    this.address = address;
  }

  async open(browser) {
    this.person = await watched(browser, this.address);
    this.page = this.person.page;
    this.room = new ReadingRoom(this.page);
    this.worklist = new WorklistPage(this.page);
    /** Objects that have come so far. */
    this.come = 0;
    this.page.on('requestfinished', (request) => {
      if (request.url().includes('/dicom-web/')) this.come += 1;
    });
    const signIn = new SignInPage(this.page);
    await signIn.open();
    await signIn.signIn('rad1', plan.password);
  }

  /** Goes to the worklist and marks a case. */
  async choose(patientId) {
    if (this.isReading) await this.room.leave();
    this.isReading = false;
    await this.worklist.find(patientId, PATIENCE_MS);
    await this.worklist.select(patientId);
    // The room itself is made ready while the list is looked at.
    await this.page.waitForTimeout(plan.settle_ms);
    await bench(this.page, 'arm');
  }

  /** Opens the marked case; gives the seconds to the first image, to all panes, to every object hashed. */
  async start() {
    await this.worklist.start().click();
    this.isReading = true;
    const first = await shown(this.page, ['original']);
    await this.room.press('.');
    const all = await shown(this.page, PANES);
    await this.room.waitUntilWhole();
    const whole = await this.page.evaluate(() => (performance.now() - window.viewerBench.clickedAt) / 1000);
    return { first, all, whole, blocked: await blocked(this.page) };
  }

  /** Waits until the original of the next case has come, after the first case of this page. */
  async nextAtHand() {
    const said = await this.page.getByText('digest matches').innerText();
    const wanted = Number(said.match(/(\d+) objects/)[1]) + plan.slices;
    const end = performance.now() + PATIENCE_MS;
    while (this.come < wanted) {
      if (performance.now() > end) throw new Error(`only ${this.come} of ${wanted} objects have come`);
      await this.page.waitForTimeout(100);
    }
  }

  close() {
    return this.person.context.close();
  }
}

/** The bare page. */
class BarePage {
  async open(browser) {
    this.person = await watched(browser, plan.bare);
    this.page = this.person.page;
    await this.page.goto('/');
    await this.page.getByText('ready').waitFor();
    await this.page.waitForTimeout(plan.settle_ms);
  }

  async start() {
    await bench(this.page, 'arm');
    await this.page.getByRole('button', { name: 'Open' }).click();
    const first = await shown(this.page, ['original']);
    const all = await shown(this.page, PANES);
    await this.page.getByText('whole').waitFor();
    const whole = await this.page.evaluate(() => (performance.now() - window.viewerBench.clickedAt) / 1000);
    return { first, all, whole, blocked: await blocked(this.page) };
  }

  async nextAtHand() {
    await this.page.getByText('next at hand').waitFor();
  }

  close() {
    return this.person.context.close();
  }
}

/** Proportional memory of every process of the browser, and the page's heap after a collection, in MiB. */
async function memory(browser, page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  await whole.detach();
  let sum = 0;
  for (const { id } of processInfo) {
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(rollup.match(/^Pss:\s+(\d+) kB/m)?.[1] ?? 0) / 1024;
  }
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 2 ** 20;
  return { processes: sum, heap };
}

/** One visit: the first case cold, the wheel, then the next case, which was fetched ahead. */
async function visit(browser, page, patients) {
  await page.open(browser);
  try {
    await page.choose?.(patients[0]);
    const cold = await page.start();
    const wheel = await scrolled(page.page);
    await page.nextAtHand();
    await page.choose?.(patients[1]);
    const ahead = await page.start();
    return { cold, wheel, ahead };
  } finally {
    await page.close();
  }
}

/** The memory after each of many cases, opened one after the other on one page. */
async function many(browser, address) {
  const page = new OurRoom(address);
  const measured = [];
  await page.open(browser);
  try {
    for (let opened = 0; opened < plan.cases; opened += 1) {
      await page.choose(plan.patients[opened % plan.patients.length]);
      await page.start();
      measured.push(await memory(browser, page.page));
    }
  } finally {
    await page.close();
  }
  return measured;
}

const browser = await launch();
try {
  const pages = {
    ...Object.fromEntries(Object.entries(plan.rooms).map(([name, address]) => [name, () => new OurRoom(address)])),
    bare: () => new BarePage(),
  };
  const visits = Object.fromEntries(Object.keys(pages).map((name) => [name, []]));
  // The first time warms up Chromium's processes and isn't counted.
  for (let repetition = 0; repetition <= plan.repetitions; repetition += 1) {
    // Who comes first changes, so that neither has the better place.
    const order = Object.entries(pages);
    if (repetition % 2 === 1) order.reverse();
    for (const [name, newPage] of order) {
      const found = await visit(browser, newPage(), plan.patients);
      if (repetition > 0) visits[name].push(found);
      console.error(name, JSON.stringify(found));
    }
  }
  // The last room is the one in question: the page beside the binary, where one is given.
  const measured = plan.cases > 0 ? await many(browser, Object.values(plan.rooms).at(-1)) : [];
  console.log(JSON.stringify({ ...visits, memory: measured }));
} finally {
  await browser.close();
}
