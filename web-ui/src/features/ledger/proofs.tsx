/** What proves an entry without trusting the server. */
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Fault, RefusalNote } from '../../components/note';
import { fetchProof, keepFile, type ProofKind } from './ledger_files';

const KINDS: readonly ProofKind[] = ['inclusion', 'consistency'];

export function Proofs({ index }: { index: number }) {
  const { t } = useTranslation();
  const proof = useMutation({
    mutationFn: (kind: ProofKind) => fetchProof(index, kind),
    onSuccess: (found) => {
      if ('file' in found) keepFile(found.file);
    },
  });
  return (
    <div className="proof-choices">
      {KINDS.map((kind) => (
        <div key={kind}>
          <button type="button" disabled={proof.isPending} onClick={() => proof.mutate(kind)}>
            {t(`proof.${kind}`)}
          </button>
          <p className="muted small">{t(`proof.${kind}Meaning`)}</p>
        </div>
      ))}
      <p className="small">
        {t('proof.verify')} <code>countersign ledger verify --proof FILE --key ledger.vkey</code>
      </p>
      {proof.data && 'refusal' in proof.data && <RefusalNote refusal={proof.data.refusal} />}
      {proof.isError && <Fault error={proof.error} onRetry={() => proof.reset()} />}
    </div>
  );
}
