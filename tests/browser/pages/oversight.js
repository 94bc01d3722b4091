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

/** Open cases, their deadlines, and the acts that help. */
export class CoordinationPage {
  constructor(page) {
    this.page = page;
  }

  row(patient) {
    return this.page.getByRole('row').filter({ hasText: patient });
  }

  panel() {
    return this.page.getByRole('complementary', { name: 'Selected case' });
  }

  async choose(patient) {
    await this.row(patient).getByRole('button').first().click();
    await this.panel().waitFor();
  }

  /** Carries out an act of the chosen case; a reason where the act wants one. */
  async acts(act, reason = null) {
    await actsOf(this.panel(), act, reason);
  }
}

/** Opens an act, gives its reason, carries it out. */
export async function actsOf(place, act, reason) {
  await place.getByRole('button', { name: act, exact: true }).click();
  if (reason === null) {
    await place.getByRole('button', { name: act, exact: true }).last().click();
    return;
  }
  const form = place.getByRole('form', { name: act });
  await form.getByLabel('Reason').fill(reason);
  await form.getByRole('button', { name: act, exact: true }).click();
}

/** Who may read what. */
export class PeoplePage {
  constructor(page) {
    this.page = page;
  }

  row(username) {
    return this.page.getByRole('row').filter({ hasText: username });
  }

  form(name) {
    return this.page.getByRole('form', { name });
  }
}

/** Where releases are sent. */
export class DestinationsPage {
  constructor(page) {
    this.page = page;
  }

  row(name) {
    return this.page.getByRole('row').filter({ hasText: name });
  }

  /** Does what a button of the row says, and says why. */
  async move(name, word, why) {
    const row = this.row(name);
    await row.getByRole('button', { name: `${word} ${name}` }).click();
    await row.getByLabel('Why?').fill(why);
    await row.getByRole('button', { name: word, exact: true }).click();
  }
}

/** The ledger, and the proofs of its entries. */
export class LedgerPage {
  constructor(page) {
    this.page = page;
  }

  entry(sentence) {
    return this.page.getByRole('row').filter({ hasText: sentence });
  }

  proofOf(sentence) {
    return this.entry(sentence)
      .first()
      .getByRole('button', { name: /Proof of entry/ });
  }

  outcome(name) {
    return this.page.getByRole('status').filter({ hasText: name });
  }
}
