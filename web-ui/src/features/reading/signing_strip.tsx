/** The strip at the bottom edge: what is signed, what it means, what happens next; covers no image. */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { adjudicateMutation, type SignedCase, signReadMutation } from '../../api/documents';
import type { ReadingCase, Verdict, Viewer } from '../../api/types';
import { VerdictBadge } from '../../components/badge';
import { RefusalNote } from '../../components/note';
import type { Evidence } from '../../viewer/evidence';
import { DeviceFault } from '../session/device_fault';
import { PasskeyButton } from '../session/passkey_button';
import { SignatureFields, useSignature } from '../session/signature';
import type { ReadContent } from './read_content';
import { type SignsBy, signBy } from './sign_by';
import { inputOf } from './sign_input';
import { STATEMENTS } from './statements';
import { viewingOf } from './viewing_input';

interface SigningStripProps {
  readingCase: ReadingCase;
  viewer: Viewer;
  content: ReadContent & { verdict: Verdict };
  /** The digest of what this browser received and displayed. */
  digest: string;
  objectCount: number;
  openRegions: number;
  seenPercent: number;
  /** What was displayed until now. */
  evidence: Evidence;
  /** The window that the images stand in. */
  page: Window;
  /** True for the adjudicator's read, which is signed by its own command. */
  adjudicating: boolean;
  onSigned: (signed: SignedCase) => void;
  onClose: () => void;
}

export function SigningStrip(props: SigningStripProps) {
  const { readingCase, viewer, content, digest, adjudicating, onSigned } = props;
  const { t } = useTranslation();
  const signature = useSignature();
  const sign = useMutation({
    mutationFn: (by: SignsBy) => {
      const toSign = {
        caseId: readingCase.id,
        verdict: content.verdict,
        ...inputOf(content),
        viewing: viewingOf(props.evidence, props.page),
        caseDigest: digest,
      };
      return signBy(by, toSign, signature.typed, async (shown) => {
        const input = { ...toSign, ...shown };
        return adjudicating
          ? (await ask(adjudicateMutation, { input })).adjudicate
          : (await ask(signReadMutation, { input })).signRead;
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
    sign.mutate('password');
  };
  const name = viewer.printedName || viewer.username;
  return (
    <form className="signing" aria-label={t('signing.title')} onSubmit={submit}>
      <div className="signing-words">
        <h2>
          {t('signing.title')} · <VerdictBadge value={content.verdict} />
        </h2>
        <blockquote className="statement" lang="en">
          {STATEMENTS[content.verdict]}
        </blockquote>
        <p>
          {t('signing.over', { count: props.objectCount, digest: digest.slice(0, 12) })}{' '}
          {t('signing.findings', { count: content.findings.length })}{' '}
          <span className={props.openRegions > 0 ? 'wait' : 'muted'}>
            {t('signing.regionsOpen', { count: props.openRegions })}
          </span>{' '}
          <span className={props.seenPercent < 100 ? 'wait' : 'muted'}>
            {t('signing.slicesSeen', { percent: props.seenPercent })}
          </span>
        </p>
        <p className="muted">{t(`signing.next.${content.verdict}`)}</p>
        {sign.data?.refusal && <RefusalNote refusal={sign.data.refusal} />}
        <DeviceFault error={sign.error} onRetry={() => sign.reset()} />
      </div>
      <div className="signing-act">
        <SignatureFields
          signature={signature}
          passwordLabel={t('signing.password', { name })}
          focused
          onEscape={props.onClose}
        />
        <div className="row-actions">
          <button
            type="submit"
            className="primary"
            disabled={sign.isPending || !signature.complete}
          >
            {t('signing.sign')}
          </button>
          <PasskeyButton
            disabled={sign.isPending || !signature.named}
            onSign={() => sign.mutate('passkey')}
          />
          <button type="button" onClick={props.onClose}>
            {t('common.cancel')}
          </button>
        </div>
      </div>
    </form>
  );
}
