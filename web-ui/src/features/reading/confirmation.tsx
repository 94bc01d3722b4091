/** The study has another identity; its images are the very same. Who read them signs that read once more. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { confirmReadMutation } from '../../api/after_signing';
import { ask } from '../../api/client';
import type { SignedCase } from '../../api/documents';
import type { Confirmable, ReadingCase, Viewer } from '../../api/types';
import { VerdictBadge } from '../../components/badge';
import { RefusalNote } from '../../components/note';
import { inARow, patientIdOf, personName } from '../../components/patient';
import { Time } from '../../components/time';
import { DeviceFault } from '../session/device_fault';
import { PasskeyButton } from '../session/passkey_button';
import { SignatureFields, useSignature } from '../session/signature';
import { type SignsBy, signBy } from './sign_by';
import { CONFIRMING, STATEMENTS } from './statements';

interface ConfirmationProps {
  readingCase: ReadingCase;
  confirmable: Confirmable;
  viewer: Viewer;
  /** The digest of what this browser received; null until all of it is there, and where it isn't what would be signed. */
  digest: string | null;
  onSigned: (signed: SignedCase) => void;
  /** The reader would rather read anew. */
  onLeave: () => void;
}

export function Confirmation(props: ConfirmationProps) {
  const { confirmable, onLeave, digest } = props;
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  if (isOpen && digest) return <ConfirmationStrip {...props} digest={digest} />;
  return (
    <section className="room-notice note note-wait" aria-label={t('confirmation.title')}>
      <strong>
        {t('confirmation.title')} · <Time at={confirmable.signedAt} /> ·{' '}
        <VerdictBadge value={confirmable.verdict} />
      </strong>
      <p>{t('confirmation.text')}</p>
      <div className="row-actions">
        <button
          type="button"
          className="primary"
          disabled={!digest}
          onClick={() => setIsOpen(true)}
        >
          {t('confirmation.open')}
        </button>
        <button type="button" onClick={onLeave}>
          {t('confirmation.leave')}
        </button>
        {!digest && <span className="muted small">{t('reading.waits.loading')}</span>}
      </div>
    </section>
  );
}

function ConfirmationStrip(props: ConfirmationProps & { digest: string }) {
  const { readingCase, confirmable, viewer, digest, onSigned, onLeave } = props;
  const { t, i18n } = useTranslation();
  const signature = useSignature();
  const { study } = readingCase;
  const confirm = useMutation({
    mutationFn: (by: SignsBy) => {
      const of = { caseId: readingCase.id, caseDigest: digest };
      const toSign = { ...of, confirms: confirmable.readId };
      return signBy(by, toSign, signature.typed, async (shown) => {
        const input = { ...of, readId: confirmable.readId, ...shown };
        return (await ask(confirmReadMutation, { input })).confirmRead;
      });
    },
    onSuccess: ({ case: signed }) => {
      if (!signed) return;
      signature.taken();
      onSigned(signed);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate('password');
  };
  const { patient } = study;
  return (
    <form className="signing" aria-label={t('confirmation.title')} onSubmit={submit}>
      <div className="signing-words">
        <h2>
          {t('confirmation.sign')} · <VerdictBadge value={confirmable.verdict} />
        </h2>
        <p>
          {t('confirmation.now')}{' '}
          <strong>
            {inARow(
              personName(patient.name, i18n.language),
              patientIdOf(patient),
              study.accessionNumber,
            )}
          </strong>
        </p>
        <blockquote className="statement" lang="en">
          {CONFIRMING} {STATEMENTS[confirmable.verdict]}
        </blockquote>
        <p className="muted small">
          {t('signing.findings', { count: confirmable.findings.length })} {confirmable.comment}
        </p>
        {confirm.data?.refusal && <RefusalNote refusal={confirm.data.refusal} />}
        <DeviceFault error={confirm.error} onRetry={() => confirm.reset()} />
      </div>
      <div className="signing-act">
        <SignatureFields
          signature={signature}
          passwordLabel={t('signing.password', { name: viewer.printedName || viewer.username })}
          focused
          onEscape={onLeave}
        />
        <div className="row-actions">
          <button
            type="submit"
            className="primary"
            disabled={confirm.isPending || !signature.complete}
          >
            {t('confirmation.act')}
          </button>
          <PasskeyButton
            disabled={confirm.isPending || !signature.named}
            onSign={() => confirm.mutate('passkey')}
          />
          <button type="button" onClick={onLeave}>
            {t('confirmation.leave')}
          </button>
        </div>
      </div>
    </form>
  );
}
