/** What is compared of two identities, as it is shown. */
import type { Identity } from '../../api/identity';
import { personName } from '../../components/patient';
import { dicomDate } from '../../components/time';

const ROWS = {
  name: ({ patient }: Identity, language: string) => personName(patient.name, language),
  patientId: ({ patient }: Identity) => patient.patientId,
  issuer: ({ patient }: Identity) => patient.issuer,
  birthDate: ({ patient }: Identity) => dicomDate(patient.birthDate),
  sex: ({ patient }: Identity) => patient.sex,
  accessionNumber: ({ accessionNumber }: Identity) => accessionNumber,
  studyDate: ({ studyDate }: Identity) => dicomDate(studyDate),
  studyTime: ({ studyTime }: Identity) => studyTime,
  studyDescription: ({ studyDescription }: Identity) => studyDescription,
  studyInstanceUid: ({ studyInstanceUid }: Identity) => studyInstanceUid,
} as const;

type RowName = keyof typeof ROWS;

export interface IdentityRow {
  name: RowName;
  stands: string;
  /** One for each claimed identity. */
  came: string[];
}

/** What differs is what the decision is about; what is the same says that it is the same study. */
export function identityRows(
  stands: Identity,
  claimed: readonly Identity[],
  language: string,
): { differing: IdentityRow[]; same: IdentityRow[] } {
  const names = Object.keys(ROWS) as RowName[];
  const rows = names.map((name) => ({
    name,
    stands: ROWS[name](stands, language),
    came: claimed.map((identity) => ROWS[name](identity, language)),
  }));
  const differs = ({ stands: now, came }: IdentityRow) => came.some((value) => value !== now);
  return { differing: rows.filter(differs), same: rows.filter((row) => !differs(row)) };
}
