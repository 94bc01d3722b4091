/** What was typed, with its past and future; pure. */
export interface History<Content> {
  past: Content[];
  present: Content;
  future: Content[];
}

export const historyOf = <Content>(present: Content): History<Content> => ({
  past: [],
  present,
  future: [],
});

/** What comes of a change; what was undone before is gone. */
export const afterChange = <Content>(
  { past, present }: History<Content>,
  next: Content,
): History<Content> => ({ past: [...past, present], present: next, future: [] });

export function undone<Content>(history: History<Content>): History<Content> {
  const { past, present, future } = history;
  const last = past.at(-1);
  if (last === undefined) return history;
  return { past: past.slice(0, -1), present: last, future: [present, ...future] };
}

export function redone<Content>(history: History<Content>): History<Content> {
  const { past, present, future } = history;
  const [next, ...rest] = future;
  return next === undefined ? history : { past: [...past, present], present: next, future: rest };
}
