// Searches the ledger as quality does, and prints one JSON line of milliseconds by kind of search: from the click on
// "Filter" until the rows that were found are painted. Run by explorer.py.
import { SignInPage } from '../tests/browser/pages/sign_in.js';
import { launch, newPerson } from '../tests/browser/src/people.js';

const [address, repetitions, searches] = process.argv.slice(2);
const PATIENCE_MS = 60_000;

/** Resolves once what is on the page has been painted. */
const painted = () =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))));

async function once(page, fields) {
  await page.goto('/ledger');
  await page.locator('tbody tr').first().waitFor();
  for (const [label, value] of Object.entries(fields)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  const answered = page.waitForResponse(
    (response) => response.request().postData()?.includes('query Ledger(') ?? false,
    { timeout: PATIENCE_MS },
  );
  const started = performance.now();
  await page.getByRole('button', { name: 'Filter' }).click();
  await answered;
  await page.locator('tbody tr').first().waitFor({ timeout: PATIENCE_MS });
  await page.evaluate(painted);
  return performance.now() - started;
}

const browser = await launch();
try {
  const { page } = await newPerson(browser, address, 'quality');
  const signIn = new SignInPage(page);
  await signIn.open();
  await signIn.signIn('quality', process.env.BENCH_PASSWORD);
  await page.getByRole('navigation').waitFor();
  const found = {};
  for (const [kind, fields] of Object.entries(JSON.parse(searches))) {
    found[kind] = [];
    // The first time warms up Chromium's processes and isn't counted.
    for (let repetition = 0; repetition <= Number(repetitions); repetition += 1) {
      const took = await once(page, fields);
      if (repetition > 0) found[kind].push(took);
    }
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
