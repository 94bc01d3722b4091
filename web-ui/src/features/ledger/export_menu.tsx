/** The ledger as a file, in four forms. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EXPORT_FORMS, entryNumber, exportPath } from './ledger_files';

export function ExportMenu() {
  const { t } = useTranslation();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  return (
    <details className="ledger-export">
      <summary>{t('export.open')}</summary>
      <div className="panel">
        <div className="ledger-range">
          <label>
            {t('export.from')}
            <input
              inputMode="numeric"
              placeholder={t('export.fromFirst')}
              value={from}
              onChange={(event) => setFrom(event.target.value)}
            />
          </label>
          <label>
            {t('export.to')}
            <input
              inputMode="numeric"
              placeholder={t('export.toLast')}
              value={to}
              onChange={(event) => setTo(event.target.value)}
            />
          </label>
        </div>
        {EXPORT_FORMS.map((form) => (
          <a key={form} href={exportPath(form, entryNumber(from), entryNumber(to))} download>
            {t(`export.form.${form}`)}
          </a>
        ))}
        <p className="muted small">{t('export.meaning')}</p>
      </div>
    </details>
  );
}
