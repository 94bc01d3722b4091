// Searches the ledger as quality does, and prints one JSON line of milliseconds by kind of search: from the click on
// "Filter" until the rows that were found are painted. Run by explorer.py.
import { SignInPage } from '../tests/browser/pages/sign_in.js';
import { launch, newPerson } from '../tests/browser/src/people.js';

const [address, repetitions, searches] = process.argv.slice(2);

/** In the page, where no word to it and back counts: from the click until the rows that were found are painted. */
async function searched() {
  const frame = () => new Promise(requestAnimationFrame);
  const plain = window.fetch;
  const answered = new Promise((tell) => {
    window.fetch = async (...asked) => {
      const answer = await plain(...asked);
      if (String(asked[1]?.body).includes('query Ledger(')) tell();
      return answer;
    };
  });
  const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent.startsWith('Filter'));
  const rows = () => {
    const all = [...document.querySelectorAll('tbody tr')].filter((one) => one.offsetParent !== null);
    return all.map(({ textContent }) => textContent).join();
  };
  const before = rows();
  const started = performance.now();
  button.click();
  await answered;
  // The rows of before stay until those that were found take their place.
  do await frame();
  while (!rows() || rows() === before);
  await frame();
  window.fetch = plain;
  return performance.now() - started;
}

async function once(page, fields) {
  await page.goto('/ledger');
  await page.locator('tbody tr:visible').first().waitFor();
  for (const [label, value] of Object.entries(fields)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  return page.evaluate(searched);
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
