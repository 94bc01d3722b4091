/** What addresses may say; anything else in them is left out. */

/** The field `name` of an address where it is one of the known values. */
export function oneOf<Name extends string, Value extends string>(
  name: Name,
  known: readonly Value[],
  search: Record<string, unknown>,
): { [name in Name]?: Value } {
  const value = known.find((one) => one === search[name]);
  return value ? ({ [name]: value } as { [name in Name]?: Value }) : {};
}
