/** Questions and acts about where releases are sent. */
import { document } from './client';
import type { Refusal } from './types';

export type DestinationKind = 'CLINICAL' | 'RESEARCH';
export type DestinationState = 'IN_USE' | 'PAUSED' | 'CLOSED';
export interface DestinationTerms {
  aeTitle: string;
  host: string;
  port: number;
  kind: DestinationKind;
  state: DestinationState;
}
export interface DestinationVersion {
  version: number;
  changedAt: string;
  /** Printed name; null for the configuration. */
  changedBy: string | null;
  reason: string;
  difference: string[];
}
export interface Destination {
  id: string;
  name: string;
  terms: DestinationTerms;
  /** Sends that are not delivered. */
  waiting: number;
  /** Rejection notes that are open. */
  notesOpen: number;
  /** Newest first; the first is in force. */
  versions: DestinationVersion[];
}
export interface DestinationTest {
  answered: boolean;
  words: string;
  milliseconds: number;
}
interface DestinationOutcome {
  destination: { id: string } | null;
  refusal: Refusal | null;
}

const REFUSAL = 'refusal { code message remedy }';

export const destinationsQuery = document<{ destinations: Destination[] }>(
  `query Destinations { destinations { id name terms { aeTitle host port kind state } waiting notesOpen
    versions { version changedAt changedBy reason difference } } }`,
);
export const addDestinationMutation = document<
  { addDestination: DestinationOutcome },
  { input: { name: string; terms: DestinationTerms; reason: string } }
>(
  `mutation AddDestination($input: AddDestinationInput!) {
    addDestination(input: $input) { destination { id } ${REFUSAL} } }`,
);
export const changeDestinationMutation = document<
  { changeDestination: DestinationOutcome },
  { input: { destinationId: string; follows: number; terms: DestinationTerms; reason: string } }
>(
  `mutation ChangeDestination($input: ChangeDestinationInput!) {
    changeDestination(input: $input) { destination { id } ${REFUSAL} } }`,
);
export const testDestinationMutation = document<
  { testDestination: { test: DestinationTest | null; refusal: Refusal | null } },
  { input: { destinationId: string } }
>(
  `mutation TestDestination($input: TestDestinationInput!) {
    testDestination(input: $input) { test { answered words milliseconds } ${REFUSAL} } }`,
);
