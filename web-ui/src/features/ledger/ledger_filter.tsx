/** Narrows the ledger to what mentions an id, to a patient, to a person, to a time. */
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerSearch } from './ledger_search';

interface LedgerFilterProps {
  search: LedgerSearch;
  /** Patient ID or Accession Number, which never stands in an address. */
  patient: string;
  onPatient: (patient: string) => void;
  /** Who is named by the entries that are loaded. */
  people: readonly string[];
}

export function LedgerFilter({ search, patient, onPatient, people }: LedgerFilterProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search);
  const [number, setNumber] = useState(patient);
  const show = (wanted: LedgerSearch, ofPatient: string) => {
    onPatient(ofPatient);
    void navigate({ to: '/ledger', search: wanted });
  };
  const filter = (event: FormEvent) => {
    event.preventDefault();
    const entries = Object.entries(typed).map(([name, value]) => [name, value?.trim()]);
    show(Object.fromEntries(entries.filter(([, value]) => value)), number.trim());
  };
  const field = (name: keyof LedgerSearch) => ({
    value: typed[name] ?? '',
    onChange: (event: { target: { value: string } }) =>
      setTyped((now) => ({ ...now, [name]: event.target.value })),
  });
  const narrowed = patient !== '' || Object.keys(search).length > 0;
  return (
    <search>
      <form className="ledger-filter" onSubmit={filter}>
        <label>
          {t('ledger.subject')}
          <input
            placeholder={t('ledger.subjectHint')}
            size={32}
            className="mono"
            {...field('subject')}
          />
        </label>
        <label>
          {t('ledgerSearch.patient')}
          <input
            placeholder={t('ledgerSearch.patientHint')}
            size={20}
            autoComplete="off"
            value={number}
            onChange={({ target }) => setNumber(target.value)}
          />
        </label>
        <label>
          {t('ledgerSearch.person')}
          <input list="ledger-people" size={20} {...field('person')} />
          <datalist id="ledger-people">
            {people.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
        <label>
          {t('ledgerSearch.from')}
          <input type="datetime-local" {...field('from')} />
        </label>
        <label>
          {t('ledgerSearch.to')}
          <input type="datetime-local" {...field('to')} />
        </label>
        <div className="row-actions">
          <button type="submit">{t('ledger.filter')}</button>
          {narrowed && (
            <button
              type="button"
              className="quiet"
              onClick={() => {
                setNumber('');
                show({}, '');
              }}
            >
              {t('ledger.all')}
            </button>
          )}
        </div>
      </form>
    </search>
  );
}
