/** What proves an entry without trusting the server: explained, checked here, or taken home as a file. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Refusal } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { type Outcome, verifyProof } from '../../verify/proof';
import { fetchProof, keepFile, type ProofKind } from './ledger_files';
import { OutcomeNote } from './outcome_note';
import { trustedKey, trustKey } from './verifier_key';

const KINDS: readonly ProofKind[] = ['inclusion', 'consistency'];

interface ProofsProps {
  index: number;
  /** Entries that the newest checkpoint vouches for; null while that is not known. */
  signed: number | null;
}

export function Proofs({ index, signed }: ProofsProps) {
  const { t } = useTranslation();
  const proof = useMutation({
    mutationFn: (kind: ProofKind) => fetchProof(index, kind),
    onSuccess: (found) => {
      if ('file' in found) keepFile(found.file);
    },
  });
  return (
    <div className="proof-choices">
      <p className="proof-meaning">
        {signed !== null && index < signed
          ? t('ledgerSearch.isSigned', { signed, index })
          : t('ledgerSearch.notSigned')}
      </p>
      {KINDS.map((kind) => (
        <div key={kind}>
          <button type="button" disabled={proof.isPending} onClick={() => proof.mutate(kind)}>
            {t(`proof.${kind}`)}
          </button>
          <p className="muted small">{t(`proof.${kind}Meaning`)}</p>
        </div>
      ))}
      <CheckHere index={index} />
      <p className="small">
        {t('proof.verify')} <code>countersign ledger verify --proof FILE --key ledger.vkey</code>
      </p>
      {proof.data && 'refusal' in proof.data && <RefusalNote refusal={proof.data.refusal} />}
      {proof.isError && <Fault error={proof.error} onRetry={() => proof.reset()} />}
    </div>
  );
}

type Checked = { refusal: Refusal } | { results: { name: string; outcome: Outcome }[] };

/** Fetches both proofs and checks them in this browser. */
async function checkHere(index: number, key: string): Promise<Checked> {
  const results: { name: string; outcome: Outcome }[] = [];
  for (const kind of KINDS) {
    const found = await fetchProof(index, kind);
    if ('refusal' in found) return { refusal: found.refusal };
    const { name, bytes } = found.file;
    results.push({ name, outcome: await verifyProof(await bytes.text(), key) });
  }
  return { results };
}

function CheckHere({ index }: { index: number }) {
  const { t } = useTranslation();
  const [key, setKey] = useState(trustedKey);
  const check = useMutation({ mutationFn: () => checkHere(index, key) });
  return (
    <form
      className="check-here"
      onSubmit={(event) => {
        event.preventDefault();
        trustKey(key);
        check.mutate();
      }}
    >
      <label>
        {t('verify.key')}
        <input
          required
          className="mono"
          placeholder={t('verify.keyHint')}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      </label>
      <button type="submit" className="primary" disabled={check.isPending || !key.trim()}>
        {t('ledgerSearch.checkHere')}
      </button>
      {check.data && 'refusal' in check.data && <RefusalNote refusal={check.data.refusal} />}
      {check.data &&
        'results' in check.data &&
        check.data.results.map(({ name, outcome }) => (
          <OutcomeNote key={name} name={name} outcome={outcome} />
        ))}
      {check.isError && <Fault error={check.error} onRetry={() => check.reset()} />}
    </form>
  );
}
