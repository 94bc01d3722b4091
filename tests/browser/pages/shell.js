/** The bar above the pages. */
export class Shell {
  constructor(page) {
    this.page = page;
  }

  async go(place) {
    await this.page.getByRole('navigation').getByRole('link', { name: place }).click();
    await this.page
      .getByRole('link', { name: place, exact: true })
      .and(this.page.locator('[aria-current=page]'))
      .waitFor();
  }

  places() {
    return this.page.getByRole('navigation').getByRole('link').allInnerTexts();
  }
}
