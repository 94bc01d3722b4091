/** What the model says of itself, read without the product's code. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The upper end of the uncertainty's colour bar, which the model names. */
export async function widestShown() {
  const model = path.join(import.meta.dirname, '../../../models/ct-denoise/model.toml');
  const [, widest] = /uncertainty_display = \[[\d.]+, ([\d.]+)\]/.exec(await readFile(model, 'utf8'));
  return Number(widest);
}
