import { until } from '../src/until.js';

/** How long a view is looked at before the other one is. */
const LOOKS_FOR_MS = 1_500;

/** What a reader may take. */
export class WorklistPage {
  constructor(page) {
    this.page = page;
  }

  row(patient) {
    return this.page.getByRole('row').filter({ hasText: patient });
  }

  start() {
    return this.page.getByRole('button', { name: /Start reading|Continue reading/ });
  }

  view(name) {
    return this.page.getByRole('button', { name: new RegExp(`^${name}`) });
  }

  /** Waits until a case of the patient is there; making one takes the AI a while. */
  async waitFor(patient, deadlineMs) {
    await this.row(patient).waitFor({ timeout: deadlineMs });
  }

  /**
   * Goes to the view that lists a case of the patient: what is begun, or what is ready. It stays in each a while: going to
   * and fro without a rest draws the page over and over, which leaves little to what makes the case.
   */
  async find(patient, deadlineMs) {
    const listed = async () => {
      for (const name of ['Ready', 'Mine']) {
        await this.view(name).click();
        const row = this.row(patient).first();
        if (await row.waitFor({ timeout: LOOKS_FOR_MS }).then(() => true, () => false)) return true;
      }
      return false;
    };
    await until(`a case of ${patient} is on the worklist`, listed, deadlineMs);
  }

  async select(patient) {
    await this.row(patient).getByRole('button').click();
    await this.row(patient).and(this.page.locator('[aria-selected=true]')).waitFor();
  }
}
