/** Which number of a gate is opened; pure, and part of an address. */
import { COUNTED_BY, type CountedBy } from '../../api/rollout_types';

/** A part of the cases that the gate of a deployment counts. */
export interface GateReference {
  /** The deployment. */
  gate: string;
  counted: CountedBy;
  /** Which group, where the part is one of several. */
  group?: string;
}

const DEPLOYMENT = /^deployment_[0-9a-z]+$/;
const GROUP = /^[0-9a-f]{32}$/;

/** The part that an address means; null when it names none, or none that there is. */
export function gateOfSearch(search: Record<string, unknown>): GateReference | null {
  const { gate, group } = search;
  const counted = COUNTED_BY.find((known) => known === search.counted);
  if (typeof gate !== 'string' || !DEPLOYMENT.test(gate) || !counted) return null;
  if (group === undefined) return { gate, counted };
  return typeof group === 'string' && GROUP.test(group) ? { gate, counted, group } : null;
}
