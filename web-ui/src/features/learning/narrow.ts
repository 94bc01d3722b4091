/** Narrows the list of discussions by what is open and by words; pure. */
import type { Discussion } from '../../api/discussion_documents';
import type { Shown } from './learning_search';

const isShown = (discussion: Discussion, shown: Shown): boolean => {
  switch (shown) {
    case 'all':
      return true;
    case 'open':
      return discussion.learningPoint === null;
    case 'closed':
      return discussion.learningPoint !== null;
    default:
      return shown satisfies never;
  }
};

/** Discussions that are wanted and hold every word, in their order. */
export function narrowed(
  discussions: readonly Discussion[],
  shown: Shown,
  words: string,
  kindWord: (kind: Discussion['kind']) => string,
): Discussion[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return discussions.filter((discussion) => {
    if (!isShown(discussion, shown)) return false;
    const text = [
      discussion.question,
      discussion.learningPoint ?? '',
      kindWord(discussion.kind),
      ...discussion.contributions.map((said) => said.words),
    ]
      .join(' ')
      .toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** How many discussions stand in each list. */
export const countsOf = (discussions: readonly Discussion[]): Record<Shown, number> => {
  const open = discussions.filter((discussion) => isShown(discussion, 'open')).length;
  return { open, closed: discussions.length - open, all: discussions.length };
};
