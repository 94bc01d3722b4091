/** Reads of sentinels and repeats: for quality only. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { qualitySamplesQuery } from '../../api/oversight_documents';
import type { QualitySample } from '../../api/oversight_types';
import { Badge, VerdictBadge } from '../../components/badge';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { tallyOf } from './sample_tally';

export function TestCases() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['quality-samples'],
    queryFn: () => ask(qualitySamplesQuery, {}),
  });
  const samples = query.data?.qualitySamples ?? [];
  const sentinels = tallyOf(samples, 'SENTINEL');
  const repeats = tallyOf(samples, 'REPEAT');
  return (
    <section className="panel" aria-label={t('rules.tab.samples')}>
      <p className="muted">{t('rules.samples.meaning')}</p>
      {query.isPending && <Loading rows={4} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && samples.length === 0 && (
        <Empty title={t('rules.samples.empty.title')}>{t('rules.samples.empty.text')}</Empty>
      )}
      {samples.length > 0 && (
        <>
          <ul>
            <li>{t('rules.samples.sentinels', sentinels)}</li>
            <li>{t('rules.samples.repeats', repeats)}</li>
          </ul>
          <SampleTable samples={samples} />
        </>
      )}
    </section>
  );
}

function SampleTable({ samples }: { samples: readonly QualitySample[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('rules.samples.kind')}</th>
          <th scope="col">{t('rules.samples.case')}</th>
          <th scope="col">{t('rules.samples.madeOf')}</th>
          <th scope="col">{t('rules.samples.reader')}</th>
          <th scope="col">{t('rules.samples.verdict')}</th>
          <th scope="col">{t('rules.samples.outcome')}</th>
          <th scope="col">{t('rules.samples.signed')}</th>
        </tr>
      </thead>
      <tbody>
        {samples.map((sample) => (
          <tr key={`${sample.caseId} ${sample.printedName}`}>
            <td>{t(`rules.samples.kinds.${sample.kind}`)}</td>
            <td>
              <CaseLink id={sample.caseId} />
            </td>
            <td>
              <CaseLink id={sample.ofCaseId} />
            </td>
            <td>{sample.printedName}</td>
            <td>
              <VerdictBadge value={sample.verdict} />
            </td>
            <td>
              <Outcome sample={sample} />
            </td>
            <td>
              <Time at={sample.signedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CaseLink({ id }: { id: string }) {
  return (
    <Link to="/cases/$caseId" params={{ caseId: id }} className="mono" title={id}>
      {id.slice(0, 12)}…
    </Link>
  );
}

function Outcome({ sample: { kind, agrees } }: { sample: QualitySample }) {
  const { t } = useTranslation();
  if (agrees === null) {
    return (
      <Badge icon="question" tone="past">
        {t('rules.samples.couldNotJudge')}
      </Badge>
    );
  }
  const word = kind === 'SENTINEL' ? 'sentinel' : 'repeat';
  return (
    <Badge icon={agrees ? 'check' : 'cross'} tone={agrees ? 'good' : 'bad'}>
      {t(`rules.samples.${word}.${agrees ? 'yes' : 'no'}`)}
    </Badge>
  );
}
