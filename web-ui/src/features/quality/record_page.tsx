/** The printed record of a case: what was signed, by whom, when and meaning what. Source: 21 CFR 11.50. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { caseHistoryQuery } from '../../api/documents';
import type { CaseHistory, Read } from '../../api/types';
import { CaseStateBadge, VerdictBadge } from '../../components/badge';
import { Empty, Fault, Loading } from '../../components/note';
import { inARow, patientIdOf, personName } from '../../components/patient';
import { dicomDate, utcTime } from '../../components/time';
import './record.css';

export function RecordPage() {
  const { caseId } = useParams({ from: '/shell/cases/$caseId/record' });
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['case-record', caseId],
    queryFn: () => ask(caseHistoryQuery, { id: caseId }),
    // Paper doesn't follow what happens: it says when it was made.
    refetchOnWindowFocus: false,
  });
  const found = query.data?.case;
  return (
    <main className="page">
      {query.isPending && <Loading rows={8} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !found && (
        <Empty title={t('reading.unknown.title')}>{t('reading.unknown.text')}</Empty>
      )}
      {found && <CaseRecord found={found} madeAt={new Date(query.dataUpdatedAt)} />}
    </main>
  );
}

function CaseRecord({ found, madeAt }: { found: CaseHistory; madeAt: Date }) {
  const { t, i18n } = useTranslation();
  const { study, source, model, deployment } = found;
  const facts: [string, string][] = [
    [
      t('record.patient'),
      inARow(personName(study.patient.name, i18n.language), patientIdOf(study.patient)),
    ],
    [
      t('record.study'),
      inARow(
        dicomDate(study.studyDate),
        study.accessionNumber,
        study.studyDescription,
        study.studyInstanceUid,
      ),
    ],
    [
      t('record.series'),
      inARow(source.modality, source.bodyPartExamined, source.seriesDescription),
    ],
    [t('record.model'), `${model.name} ${model.version}`],
    [t('record.deployment'), inARow(deployment.name, t(`stage.${found.stage}`))],
    [t('record.case'), found.id],
    [t('record.digest'), found.caseDigest],
    [t('record.made'), utcTime(madeAt)],
  ];
  return (
    <article className="record">
      <div className="page-head">
        <h1>{t('record.title')}</h1>
        {found.state && <CaseStateBadge value={found.state} />}
        <span className="spring" />
        <Link className="button-link no-print" to="/cases/$caseId" params={{ caseId: found.id }}>
          {t('record.back')}
        </Link>
        <button type="button" className="primary no-print" onClick={() => window.print()}>
          {t('record.print')}
        </button>
      </div>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h2>{t('quality.reads')}</h2>
      {found.reads.length === 0 && <p>{t('quality.noReads')}</p>}
      {found.reads.map((read) => (
        <SignedRecord key={read.id} read={read} />
      ))}
      <p className="small muted">{t('record.what')}</p>
    </article>
  );
}

function SignedRecord({ read }: { read: Read }) {
  const { t } = useTranslation();
  const { signature } = read;
  return (
    <section aria-label={signature.printedName}>
      <h3>
        <VerdictBadge value={read.verdict} />
        {read.isConfirmation && ` · ${t('confirmation.is')}`}
      </h3>
      {read.comment && <p>{read.comment}</p>}
      <ul>
        {read.findings.map(({ id, kind, severity, centreMm, comment }) => (
          <li key={id ?? `${kind} ${centreMm?.join()} ${comment}`}>
            {inARow(
              t(`finding.${kind}`),
              t(`severity.${severity}`),
              centreMm && t('record.at', { place: centreMm.map((mm) => mm.toFixed(1)).join(', ') }),
              comment,
            )}
          </li>
        ))}
        {read.findings.length === 0 && <li>{t('signing.noFindings')}</li>}
      </ul>
      <blockquote>{signature.meaning}</blockquote>
      <p>
        <strong>{signature.printedName}</strong>, {utcTime(signature.signedAt)}
        {signature.personalKey && `, ${t('passkey.signed')}`}
        {!read.isFinal && ` · ${t('signing.notFinal')}`}
      </p>
      <p className="small mono">
        {t('record.over', { digest: signature.caseDigest })}
        <br />
        {t('record.content', { digest: signature.contentDigest })}
      </p>
      {read.addenda.map(({ stance, words, writtenAt }) => (
        <p key={`${writtenAt} ${words}`}>
          {inARow(t(`addendum.${stance}`), utcTime(writtenAt), words)}
        </p>
      ))}
    </section>
  );
}
