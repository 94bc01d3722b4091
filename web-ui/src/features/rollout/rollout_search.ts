/** What the address of the console says. Pure. */
export interface RolloutSearch {
  /** A version is put to use: the id of the model version, empty where it isn't chosen yet. */
  use?: string;
}

const ID = /^([a-z]+_[0-9a-z]+)?$/;

export function rolloutSearch({ use }: Record<string, unknown>): RolloutSearch {
  return typeof use === 'string' && ID.test(use) ? { use } : {};
}
