/** What every story needs: a demo with a PACS, people who arrive, pictures of pages that everybody can use. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { SignInPage } from '../pages/sign_in.js';
import { axeFindings, LARGE, launch, newPerson, SMALL } from './people.js';
import { keepPicture } from './picture.js';
import { startDemo, startPacs } from './processes.js';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const SCREENS = path.resolve(process.env.COUNTERSIGN_SCREENS ?? path.join(REPOSITORY, 'target/screens'));
const PICTURES = process.env.COUNTERSIGN_PICTURES && path.join(REPOSITORY, 'docs/screens');
/** A page at 200 %: half as many CSS pixels. Source: WCAG 2.2 1.4.4. */
export const ZOOMED = { width: SMALL.width / 2, height: SMALL.height / 2 };

export class Stage {
  people = {};
  broken = false;

  /** A story has a folder of screenshots of its own; its pages are `size`, unless it is the largest. */
  constructor(story, { size = LARGE, patienceMs } = {}) {
    this.screens = path.join(SCREENS, story);
    this.size = size;
    this.patienceMs = patienceMs;
  }

  async open() {
    await rm(this.screens, { recursive: true, force: true });
    await mkdir(this.screens, { recursive: true });
    this.folder = await mkdtemp(path.join(tmpdir(), 'countersign-browser-'));
    this.data = path.join(this.folder, 'data');
    this.pacs = await startPacs(path.join(this.folder, 'pacs'));
    this.demo = await startDemo(this.data, this.pacs);
    this.browser = await launch();
  }

  async close() {
    await this.browser?.close();
    const status = await this.demo?.stop();
    await this.pacs?.stop();
    if (this.broken) console.log(`the server said:\n${this.demo?.output()}`);
    await rm(this.folder, { recursive: true, force: true });
    assert.equal(status, 0, 'the server ends cleanly');
  }

  /** A part of the story; what comes after a part that failed has no ground to stand on. */
  chapter(name, limitMs, tell) {
    test(name, { timeout: limitMs }, async (t) => {
      if (this.broken) {
        t.skip('an earlier chapter failed');
        return;
      }
      try {
        await tell();
      } catch (error) {
        this.broken = true;
        for (const { username, page } of Object.values(this.people)) {
          const file = path.join(this.screens, `failed-${username}.png`);
          await page.screenshot({ path: file }).catch(() => undefined);
        }
        throw error;
      }
    });
  }

  /** A person at the sign-in page. */
  async knocks(username) {
    const person = await newPerson(this.browser, this.demo.address, username);
    this.people[username] = person;
    if (this.patienceMs) person.page.setDefaultTimeout(this.patienceMs);
    await new SignInPage(person.page).open();
    return person;
  }

  /** A person who has signed in. */
  async arrives(username) {
    const person = await this.knocks(username);
    await new SignInPage(person.page).signIn(username, this.demo.passwordOf(username));
    await person.page.getByRole('navigation').waitFor();
    if (this.size !== LARGE) await person.page.setViewportSize(this.size);
    return person;
  }

  /** The page in both themes, without a barrier in either; kept for the documentation when that is asked for. */
  async look(page, name) {
    await page.mouse.move(0, 0);
    for (const theme of ['dark', 'light']) {
      await page.evaluate((wanted) => {
        document.documentElement.dataset.theme = wanted;
      }, theme);
      await page.screenshot({ path: path.join(this.screens, `${name}-${theme}.png`), animations: 'disabled' });
      assert.deepEqual(await axeFindings(page), [], `accessibility of ${name}, ${theme}`);
      if (PICTURES) await keepPicture(page, path.join(PICTURES, `${name}-${theme}.png`));
    }
  }

  /** The page from its top, once what was said for a moment is gone. */
  async lookFromTop(page, name) {
    await page.locator('.toast').first().waitFor({ state: 'detached' });
    await page.getByRole('main').evaluate((main) => main.scrollTo(0, 0));
    await this.look(page, name);
  }

  /** The page at 200 %: nothing is out of reach at its side. */
  async lookZoomed(page, name) {
    await page.setViewportSize(ZOOMED);
    await page.screenshot({ path: path.join(this.screens, `${name}-zoomed.png`), animations: 'disabled' });
    const beyond = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(beyond <= 0, `${name} at 200 % is ${beyond} px wider than the window`);
    await page.setViewportSize(SMALL);
  }

  /** The page at its largest. */
  async lookLarge(page, name) {
    await page.setViewportSize(LARGE);
    await page.screenshot({ path: path.join(this.screens, `${name}-large.png`), animations: 'disabled' });
    await page.setViewportSize(SMALL);
  }
}
