/** Checks proofs in this browser with a key that the person brings; or gives the page that does it offline. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { verifyProof } from '../../verify/proof';
import { OutcomeNote } from './outcome_note';
import { trustedKey, trustKey } from './verifier_key';

interface Proof {
  name: string;
  text: string;
}

export function VerifierPanel() {
  const { t } = useTranslation();
  const [key, setKey] = useState(trustedKey);
  const [proofs, setProofs] = useState<Proof[]>([]);
  const take = (text: string) => {
    setKey(text.trim());
    trustKey(text);
  };
  const outcomes = useQuery({
    queryKey: ['proofs', key, proofs],
    queryFn: () =>
      Promise.all(
        proofs.map(async ({ name, text }) => ({ name, outcome: await verifyProof(text, key) })),
      ),
    enabled: proofs.length > 0 && key !== '',
  });
  return (
    <details className="panel verifier">
      <summary>
        <h2>{t('verify.title')}</h2>
      </summary>
      <p className="muted">{t('verify.keySource')}</p>
      <div className="verifier-fields">
        <label>
          {t('verify.key')}
          <input
            className="mono"
            placeholder={t('verify.keyHint')}
            value={key}
            onChange={(event) => take(event.target.value)}
          />
        </label>
        <label>
          {t('verify.keyFile')}
          <input
            type="file"
            onChange={async (event) => {
              const file = event.target.files?.[0];
              if (file) take(await file.text());
            }}
          />
        </label>
        <label>
          {t('verify.proofs')}
          <input
            type="file"
            multiple
            onChange={async (event) => {
              const files = [...(event.target.files ?? [])];
              const read = files.map(async (file) => ({
                name: file.name,
                text: await file.text(),
              }));
              setProofs(await Promise.all(read));
            }}
          />
        </label>
      </div>
      {proofs.length > 0 && key === '' && <p className="muted">{t('verify.waiting')}</p>}
      {outcomes.data?.map(({ name, outcome }) => (
        <OutcomeNote key={name} name={name} outcome={outcome} />
      ))}
      <p>
        <a href="/verify.html" download="countersign-verify.html">
          {t('ledgerSearch.offlinePage')}
        </a>{' '}
        <span className="muted small">{t('ledgerSearch.offlineMeaning')}</span>
      </p>
    </details>
  );
}
