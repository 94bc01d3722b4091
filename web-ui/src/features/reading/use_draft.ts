/** Saves the draft within three seconds of a change, each save following the version before. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, isSignedOut, onSignedInAgain } from '../../api/client';
import { readingCaseQuery, saveDraftMutation } from '../../api/documents';
import type { Draft, Refusal } from '../../api/types';
import {
  conflicted,
  type DraftVersions,
  failed,
  isDue,
  keepMine,
  saved,
  sending,
  versionsOf,
  waitOfSave,
} from './draft_versions';
import { contentOfDraft, EMPTY_CONTENT, type ReadContent } from './read_content';
import { inputOf } from './sign_input';

/** How long a save that did not arrive waits for the next try, ms. */
const RETRY_AFTER_MS = 1_500;

export interface DraftState {
  versions: DraftVersions;
  savedAt: string | null;
  refusal: Refusal | null;
  /** True while the last save did not reach the server. */
  offline: boolean;
}

export function useDraft(
  caseId: string,
  first: Draft | null,
  content: ReadContent,
  writable: boolean,
) {
  const [state, setState] = useState<DraftState>(() => ({
    versions: versionsOf(first?.version ?? 0, first ? contentOfDraft(first) : EMPTY_CONTENT),
    savedAt: first?.savedAt ?? null,
    refusal: null,
    offline: false,
  }));
  const newest = useRef(content);
  newest.current = content;
  const [retry, setRetry] = useState(0);

  const save = useCallback(async () => {
    const sent = newest.current;
    setState((before) => ({ ...before, versions: sending(before.versions, sent) }));
    try {
      const { version } = state.versions;
      const input = { caseId, version, verdict: sent.verdict, ...inputOf(sent) };
      const { draft, refusal } = (await ask(saveDraftMutation, { input })).saveDraft;
      if (draft) {
        setState(({ versions }) => ({
          versions: saved(versions, draft.version),
          savedAt: draft.savedAt,
          refusal: null,
          offline: false,
        }));
        return;
      }
      const stored =
        refusal?.code === 'draft_conflict'
          ? (await ask(readingCaseQuery, { id: caseId })).case?.draft
          : null;
      setState((before) => ({
        ...before,
        versions: stored ? conflicted(before.versions, stored) : failed(before.versions),
        refusal: stored ? null : refusal,
      }));
    } catch (error) {
      setState((before) => ({ ...before, versions: failed(before.versions), offline: true }));
      // While nobody is signed in a save can't arrive: it waits for the reader to come back.
      if (!isSignedOut(error)) setTimeout(() => setRetry((turn) => turn + 1), RETRY_AFTER_MS);
    }
  }, [caseId, state.versions]);

  const due = writable && !state.refusal && isDue(state.versions, content);
  const dueSince = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change rests anew, and `retry` starts a failed save anew
  useEffect(() => {
    if (!due) {
      dueSince.current = null;
      return;
    }
    dueSince.current ??= performance.now();
    const timer = setTimeout(() => void save(), waitOfSave(performance.now() - dueSince.current));
    return () => clearTimeout(timer);
  }, [content, due, save, retry]);
  useEffect(() => onSignedInAgain(() => setRetry((turn) => turn + 1)), []);
  const leave = useRef(() => {});
  leave.current = () => {
    if (due) void save();
  };
  // Who leaves the room in the middle of a word loses none.
  useEffect(() => () => leave.current(), []);

  return {
    ...state,
    /** Saves without waiting, where there is something to save. */
    saveNow: () => {
      if (due) void save();
    },
    isSaved: !isDue(state.versions, content) && state.versions.sending === null,
    keepMine: () => setState((before) => ({ ...before, versions: keepMine(before.versions) })),
    takeStored: (draft: Draft) =>
      setState((before) => ({
        ...before,
        versions: versionsOf(draft.version, contentOfDraft(draft)),
        savedAt: draft.savedAt,
      })),
  };
}
