/** What a reader typed on a case whose place this one took, made fit for this one; pure. */
import type { Draft } from '../../api/types';
import { contentOfDraft, type ReadContent } from './read_content';

/** Whether nothing is said yet: from the first word on, what was typed before is offered no more. */
export const isUntouched = ({ verdict, findings, regions, comment }: ReadContent) =>
  verdict === null && findings.length + regions.length === 0 && comment === '';

/**
 * The findings stand in the patient's coordinates and are new here; the regions of the other case were those of
 * another image, so what was said of them does not carry over.
 */
export function contentOfOffer(offered: Draft): ReadContent {
  const { verdict, findings, comment } = contentOfDraft(offered);
  return {
    verdict,
    findings: findings.map((finding) => ({ ...finding, id: null })),
    regions: [],
    comment,
    measures: [],
  };
}
