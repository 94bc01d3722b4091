/** Saves the draft within three seconds of a change, each save following the version before. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask } from '../../api/client';
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
} from './draft_versions';
import { contentOfDraft, EMPTY_CONTENT, type ReadContent } from './read_content';
import { inputOf } from './sign_input';

const SAVE_AFTER_MS = 1_500;

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
    } catch {
      setState((before) => ({ ...before, versions: failed(before.versions), offline: true }));
      setTimeout(() => setRetry((turn) => turn + 1), SAVE_AFTER_MS);
    }
  }, [caseId, state.versions]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `retry` starts a failed save anew
  useEffect(() => {
    if (!writable || state.refusal || !isDue(state.versions, content)) return;
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [content, writable, state.versions, state.refusal, save, retry]);

  return {
    ...state,
    /** Saves without waiting, where there is something to save. */
    saveNow: () => {
      if (writable && !state.refusal && isDue(state.versions, content)) void save();
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
