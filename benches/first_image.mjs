// Opens the case of a patient in the reading room, with an empty browser each time, and prints one JSON line of
// seconds: from the click to the first image, and to every image loaded, hashed and matching. Run by first_image.py.
import { launch, newPerson } from '../tests/browser/src/people.js';
import { ReadingRoom } from '../tests/browser/pages/reading_room.js';
import { SignInPage } from '../tests/browser/pages/sign_in.js';
import { WorklistPage } from '../tests/browser/pages/worklist.js';

const [address, patient, repetitions] = process.argv.slice(2);
const PATIENCE_MS = 60_000;

/** Resolves in the page when the pane's canvas shows more than black; looked at once a frame. */
function shown() {
  const canvas = document.querySelector('[data-pane=original] canvas');
  if (!canvas || canvas.width === 0) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const levels = new Set();
  for (let at = 0; at < data.length; at += 4 * 97) levels.add(data[at]);
  return levels.size > 8;
}

async function once(browser) {
  const person = await newPerson(browser, address, 'rad1');
  try {
    const signIn = new SignInPage(person.page);
    await signIn.open();
    await signIn.signIn('rad1', process.env.BENCH_PASSWORD);
    const worklist = new WorklistPage(person.page);
    // The figures by HTTP have taken the case for this reader.
    await worklist.view('Mine').click();
    await worklist.waitFor(patient, PATIENCE_MS);
    await worklist.select(patient);
    const started = performance.now();
    await worklist.start().click();
    await person.page.waitForFunction(shown, null, { polling: 'raf', timeout: PATIENCE_MS });
    const first = performance.now();
    await new ReadingRoom(person.page).waitUntilWhole();
    return { first: (first - started) / 1000, whole: (performance.now() - started) / 1000 };
  } finally {
    await person.context.close();
  }
}

const browser = await launch();
try {
  const seconds = { 'click to first image': [], 'click to every image hashed': [] };
  // The first time warms up Chromium's processes and isn't counted.
  for (let repetition = 0; repetition <= Number(repetitions); repetition += 1) {
    const { first, whole } = await once(browser);
    if (repetition === 0) continue;
    seconds['click to first image'].push(first);
    seconds['click to every image hashed'].push(whole);
  }
  console.log(JSON.stringify(seconds));
} finally {
  await browser.close();
}
