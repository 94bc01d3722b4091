/** Whose a study is, and whose it may be. */
import { document } from './client';
import type { Patient } from './types';

/** What a correction may change. */
export interface Identity {
  studyInstanceUid: string;
  patient: Patient & { issuer: string };
  studyDate: string;
  studyTime: string;
  accessionNumber: string;
  studyDescription: string;
}
export interface ClaimedIdentity extends Identity {
  /** How many images came under it. */
  images: number;
  imagesOfStudy: number;
}
export interface DisputedStudy extends Identity {
  id: string;
  claimedIdentities: ClaimedIdentity[];
}

const IDENTITY = `studyInstanceUid studyDate studyTime accessionNumber studyDescription
  patient { name patientId issuer birthDate sex }`;

export const disputedStudyQuery = document<{ study: DisputedStudy | null }, { id: string }>(
  `query DisputedStudy($id: ID!) { study(id: $id) {
    id ${IDENTITY} claimedIdentities { ${IDENTITY} images imagesOfStudy } } }`,
);
