/** Patients as pages name them. */
import type { Patient } from '../api/types';

/**
 * A person name in the group that fits the language: alphabetic=ideographic=phonetic, the components of
 * a group parted by `^`.
 *
 * Source: PS3.5 6.2.1.
 */
export function personName(name: string, language: string): string {
  const [alphabetic = '', ideographic = ''] = name.split('=');
  const group = language === 'ja' && ideographic ? ideographic : alphabetic || ideographic;
  const [family = '', given = '', ...rest] = group.split('^').map((part) => part.trim());
  const parts = [given, ...rest].filter(Boolean).join(' ');
  if (group === ideographic) return [family, parts].filter(Boolean).join(' ');
  return [family, parts].filter(Boolean).join(', ');
}

/** The ID with who gave it out: the same ID of two issuers is two patients'. */
export function patientIdOf({ patientId, issuer }: Pick<Patient, 'patientId' | 'issuer'>): string {
  return issuer ? `${patientId} (${issuer})` : patientId;
}

/** Age in whole years on the day of the study; null where a date is missing. */
export function ageAtStudy(birthDate: string, studyDate: string): number | null {
  if (!/^\d{8}$/.test(birthDate) || !/^\d{8}$/.test(studyDate)) return null;
  const years = Number(studyDate.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return studyDate.slice(4) < birthDate.slice(4) ? years - 1 : years;
}

/** Facts in a row, parted by dots; what is empty leaves no dot. */
export function inARow(...facts: readonly (string | null | undefined)[]): string {
  return facts.filter(Boolean).join(' · ');
}

/** Age and sex, "65 F". */
export function ageAndSex(patient: Patient, studyDate: string): string {
  const age = ageAtStudy(patient.birthDate, studyDate);
  return [age === null ? '' : String(age), patient.sex].filter(Boolean).join(' ');
}
