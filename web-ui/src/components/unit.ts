/** Units as people write them. */

/** UCUM codes that nobody reads, and what is written instead. Source: UCUM, Hounsfield unit `[hnsf'U]`. */
const WRITTEN: Readonly<Record<string, string>> = { "hnsf'U": 'HU', "[hnsf'U]": 'HU', '1': '' };

/** The unit of a UCUM code as it is written beside a number. */
export function writtenUnit(code: string): string {
  return WRITTEN[code] ?? code;
}
