/** What covers a page whose login session is over, until its person signs in again. */
export class Lock {
  constructor(page) {
    this.page = page;
  }

  dialog() {
    return this.page.getByRole('dialog', { name: 'Locked' });
  }

  async signIn(password) {
    await this.dialog().getByLabel('Password').fill(password);
    await this.dialog().getByRole('button', { name: 'Unlock' }).click();
    await this.dialog().waitFor({ state: 'hidden' });
  }
}
