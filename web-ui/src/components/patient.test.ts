import { describe, expect, it } from 'vitest';
import { ageAtStudy, patientIdOf, personName } from './patient';
import { relativeTime } from './time';

describe('a person name', () => {
  const name = 'Sato^Hanako=佐藤^花子=さとう^はなこ';

  it('is written in the group that fits the language', () => {
    expect(personName(name, 'en')).toBe('Sato, Hanako');
    expect(personName(name, 'ja')).toBe('佐藤 花子');
  });

  it('falls back to the group that is there', () => {
    expect(personName('Doe^Jane^^Dr', 'ja')).toBe('Doe, Jane Dr');
    expect(personName('=山田^太郎', 'en')).toBe('山田 太郎');
    expect(personName('', 'en')).toBe('');
  });
});

describe('a patient ID', () => {
  it('r15_says_who_gave_it_out_where_the_file_does', () => {
    expect(patientIdOf({ patientId: '12345', issuer: 'HOSPITAL A' })).toBe('12345 (HOSPITAL A)');
    expect(patientIdOf({ patientId: '12345', issuer: '' })).toBe('12345');
    expect(patientIdOf({ patientId: '12345' })).toBe('12345');
  });
});

describe('ages and times', () => {
  it('count whole years on the day of the study', () => {
    expect(ageAtStudy('19610214', '20260213')).toBe(64);
    expect(ageAtStudy('19610214', '20260214')).toBe(65);
    expect(ageAtStudy('', '20260214')).toBeNull();
  });

  it('are said in the largest whole unit', () => {
    const now = new Date('2026-11-25T12:00:00Z');
    expect(relativeTime(new Date('2026-11-25T09:00:00Z'), now, 'en')).toBe('3 hours ago');
    expect(relativeTime(new Date('2026-11-25T11:59:30Z'), now, 'en')).toBe('30 seconds ago');
  });
});
