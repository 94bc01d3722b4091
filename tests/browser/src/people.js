/** People with a browser of their own each, and what went wrong on their pages. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const LARGE = { width: 1920, height: 1080 };
export const SMALL = { width: 1280, height: 720 };
const PATIENCE_MS = 60_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

function browserPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error('chromium is not there: install it, or name it in the variable CHROMIUM');
  }
}

/** Starts Chromium without a network of its own, with WebGL in software. */
export function launch() {
  return chromium.launch({
    executablePath: browserPath(),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  });
}

/** Sums the layout shifts that the page did by itself, for `layoutShift`. */
function watchLayout() {
  window.layoutShiftSum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) window.layoutShiftSum += entry.value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** A person with an empty browser; `options` are Playwright's for a context. */
export async function newPerson(browser, address, username, options = {}) {
  const context = await browser.newContext({
    baseURL: address,
    viewport: LARGE,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  await context.addInitScript(watchLayout);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`${username}: ${error.stack || error}`));
  page.on('console', (message) => {
    const { url } = message.location();
    if (['error', 'warning'].includes(message.type())) {
      faults.push(`${username}: ${message.text()} (${url})`);
    }
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      faults.push(`${username}: ${response.status()} ${response.url()}`);
    }
  });
  return { username, page, context, faults };
}

/** Asks the API with the person's cookie, from the person's page. */
export async function askAs(person, query, variables = {}) {
  const answer = await person.page.evaluate(
    async (body) => {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    { query, variables },
  );
  return answer;
}

/** Whole instances of a series with the person's cookie. */
export async function instancesAs(person, studyUid, seriesUid, sopUids) {
  return Promise.all(
    sopUids.map(async (sopUid) => {
      const at = `/dicom-web/studies/${studyUid}/series/${seriesUid}/instances/${sopUid}`;
      const response = await person.context.request.get(at, { headers: { accept: 'application/dicom' } });
      if (!response.ok()) throw new Error(`${at}: ${response.status()}`);
      return response.body();
    }),
  );
}

/** What axe finds on the page as it stands, one line a finding. */
export async function axeFindings(page) {
  // Through the debugger, because the page's own policy lets no other script in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** How much of the page has moved by itself since it was opened (0 is nothing). */
export const layoutShift = (page) => page.evaluate(() => window.layoutShiftSum);
