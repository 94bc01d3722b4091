/** The door. */
export class SignInPage {
  constructor(page) {
    this.page = page;
  }

  async open() {
    await this.page.goto('/');
    await this.page.getByRole('button', { name: 'Sign in' }).waitFor();
  }

  async signIn(username, password) {
    await this.page.getByLabel('User name').fill(username);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  refusal() {
    return this.page.getByRole('alert');
  }
}
