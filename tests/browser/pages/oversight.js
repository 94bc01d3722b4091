/** Pages of quality and administration: cases, ledger, rollout, models, studies. */

export class CasesPage {
  constructor(page) {
    this.page = page;
  }

  row(patient) {
    return this.page.getByRole('row').filter({ hasText: patient });
  }

  async open(patient) {
    await this.row(patient).getByRole('link').click();
    await this.page.getByRole('heading', { name: 'History' }).waitFor();
  }

  panel(heading) {
    return this.page
      .locator('section.panel')
      .filter({ has: this.page.getByRole('heading', { name: heading }) });
  }
}

export class RolloutPage {
  constructor(page) {
    this.page = page;
  }

  column(stage) {
    return this.page.getByRole('region', { name: stage, exact: true });
  }

  card(name) {
    return this.page.getByRole('button', { name });
  }

  panel(name) {
    return this.page.getByRole('region', { name, exact: true });
  }

  async open(name) {
    await this.card(name).click();
    await this.panel(name).waitFor();
  }
}
