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

  async select(patient) {
    await this.row(patient).getByRole('button').click();
    await this.row(patient).and(this.page.locator('[aria-selected=true]')).waitFor();
  }
}
