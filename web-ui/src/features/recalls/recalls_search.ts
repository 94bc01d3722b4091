/** What an address of the recalls says: a selection that is looked at, or a recall that is opened. Pure. */
import type { RecallSelection } from '../../api/recall_campaigns';

export interface RecallsSearch {
  model?: string;
  deployment?: string;
  /** Instants, ISO 8601 in UTC. */
  from?: string;
  until?: string;
  campaign?: string;
}

const ID = /^[a-z]+_[0-9a-z]+$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$/;

const id = (value: unknown): value is string => typeof value === 'string' && ID.test(value);
const instant = (value: unknown): value is string =>
  typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(new Date(value).getTime());

/** The fields of an address that mean something; the rest is left out. */
export function recallsSearch(search: Record<string, unknown>): RecallsSearch {
  const { model, deployment, from, until, campaign } = search;
  return {
    ...(id(model) ? { model } : {}),
    ...(id(deployment) ? { deployment } : {}),
    ...(instant(from) ? { from } : {}),
    ...(instant(until) ? { until } : {}),
    ...(id(campaign) ? { campaign } : {}),
  };
}

/** The selection of an address; null where it names nothing. */
export function selectionOf(search: RecallsSearch): RecallSelection | null {
  const { model, deployment, from, until } = search;
  if (!model && !deployment && !from && !until) return null;
  return {
    modelId: model ?? null,
    deploymentId: deployment ?? null,
    from: from ?? null,
    until: until ?? null,
  };
}

/** An instant for a field of date and time in UTC, to the second. */
export const fieldOf = (at: string | undefined): string => at?.slice(0, 19) ?? '';

/**
 * The instant that a field means in UTC; what was in it before when it shows the same, since a field keeps whole
 * seconds only. The end of a span includes its whole second.
 */
export function instantOf(
  field: string,
  before: string | undefined,
  end: boolean,
): string | undefined {
  if (field === '') return undefined;
  if (before && field === fieldOf(before)) return before;
  const whole = field.length === 16 ? `${field}:00` : field.slice(0, 19);
  return `${whole}${end ? '.999999' : ''}Z`;
}
