/** The reading room: four panes, what the reader says, the signature. */
import { canvasFigures } from '../src/canvas.js';
import { until } from '../src/until.js';

export const PANES = ['original', 'ai', 'difference', 'uncertainty'];

export class ReadingRoom {
  constructor(page) {
    this.page = page;
  }

  async waitUntilWhole() {
    await this.page.getByText('digest matches').waitFor({ timeout: 180_000 });
  }

  identity() {
    return this.page.getByRole('banner').innerText();
  }

  pane(name) {
    return this.page.locator(`[data-pane=${name}]`);
  }

  /** The panes that stand open, in reading order. */
  shown() {
    return this.page.locator('[data-pane]').evaluateAll((panes) => panes.map(({ dataset }) => dataset.pane));
  }

  paneText(name) {
    return this.pane(name).locator('figcaption').innerText();
  }

  figures(name) {
    return canvasFigures(this.pane(name).locator('canvas'));
  }

  /** The slice and the position that a pane states. */
  async place(name) {
    const text = await this.paneText(name);
    const found = text.match(/slice (\d+)\/(\d+) · ([−\d.]+) mm/);
    if (!found) throw new Error(`the pane ${name} states no slice: ${text}`);
    const [, slice, of, mm] = found;
    return { slice: Number(slice), of: Number(of), mm: Number(mm.replace('−', '-')) };
  }

  async window(name) {
    const found = (await this.paneText(name)).match(/W ([\d.]+) C ([−\d.]+)/);
    return found ? { width: Number(found[1]), centre: Number(found[2].replace('−', '-')) } : null;
  }

  press(key) {
    return this.page.keyboard.press(key);
  }

  /** A point of a pane as fractions of its width and height. */
  async pointOf(name, x, y) {
    const box = await this.pane(name).boundingBox();
    return { x: box.x + box.width * x, y: box.y + box.height * y };
  }

  async pointAt(name, x, y) {
    const point = await this.pointOf(name, x, y);
    await this.page.mouse.move(point.x, point.y);
  }

  async compare() {
    await this.press('.');
    await this.pane('uncertainty').waitFor();
  }

  async mark(kindKey, pane, x, y) {
    await this.press('m');
    await this.press(kindKey);
    const point = await this.pointOf(pane, x, y);
    await this.page.mouse.click(point.x, point.y);
  }

  /** Pulls from one point of a pane to another, both as fractions of its size. */
  async pull(name, from, to) {
    const [start, end] = [await this.pointOf(name, ...from), await this.pointOf(name, ...to)];
    await this.page.mouse.move(start.x, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2);
    await this.page.mouse.move(end.x, end.y);
    await this.page.mouse.up();
  }

  /** The value under the pointer that a grey pane states. */
  async value(name) {
    const found = (await this.paneText(name)).match(/C [−\d.]+ · ([−\d]+) HU/);
    return found ? Number(found[1].replace('−', '-')) : null;
  }

  /** The letters at the left and the top of a pane. */
  async letters(name) {
    return (await this.pane(name).locator('.pane-side').allInnerTexts()).join(' ');
  }

  /** How many regions still have slices to be seen. */
  unseenRegions() {
    return this.page.locator('.entries .entry-state.wait').count();
  }

  /** Walks with N until every slice of every region has been shown at 1:1; N leads to seen regions too, to be judged. */
  async seeRegions() {
    const states = () => this.page.locator('.entries .entry-state').allInnerTexts();
    const current = () => this.page.locator('.entries [aria-pressed=true] .entry-state');
    while ((await this.unseenRegions()) > 0) {
      const before = (await states()).join();
      await this.press('n');
      const seen = async () => (await states()).join() !== before;
      const nothingLeft = async () => !(await current().getAttribute('class')).includes('wait');
      await until('this slice is seen', async () => (await seen()) || (await nothingLeft()));
    }
  }

  findings() {
    return this.page.getByRole('complementary', { name: 'Read' }).locator('.finding-facts');
  }

  verdict(name) {
    return this.page.getByRole('group', { name: 'Verdict' }).getByRole('button', { name });
  }

  async waitUntilVerdictsWake() {
    await this.page.locator('.verdicts button:not(:disabled)').first().waitFor();
  }

  async choose(key, name) {
    await this.waitUntilVerdictsWake();
    await this.press(key);
    await this.verdict(name).and(this.page.locator('[aria-pressed=true]')).waitFor();
  }

  signingStrip() {
    return this.page.getByRole('form', { name: 'Sign this read' });
  }

  async openSigningStrip() {
    await this.press('Control+Enter');
    await this.signingStrip().waitFor();
  }

  /** The name is asked for at the first signature after signing in. */
  async sign(username, password) {
    await this.page.getByLabel(/^Password of/).fill(password);
    const name = this.page.getByLabel('Your user name');
    if (await name.isVisible()) await name.fill(username);
    await this.page.keyboard.press('Enter');
  }

  signedStrip() {
    return this.page.getByRole('region', { name: 'Signed' });
  }

  /** Keeps the signed case, where the next one would open by itself. */
  async stay() {
    await this.press('Escape');
    await this.signedStrip().getByRole('button', { name: 'Stay' }).waitFor({ state: 'detached' });
  }

  nextCase() {
    return this.signedStrip().getByRole('link', { name: /Next case/ });
  }

  async leave() {
    await this.page.getByRole('banner').getByRole('link', { name: 'Worklist' }).click();
    await this.page.getByRole('table').or(this.page.locator('.note')).first().waitFor();
  }
}
