/** Every case, for quality and administrators. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { casesQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import { CaseStateBadge, StageBadge } from '../../components/badge';
import { Empty, Fault, Loading } from '../../components/note';
import { ageAndSex, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';

export function CasesPage() {
  const { t, i18n } = useTranslation();
  const cases = useQuery({
    queryKey: ['cases'],
    queryFn: () => ask(casesQuery, { first: 100, after: null }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  const rows = cases.data?.cases.nodes ?? [];
  return (
    <main className="page">
      <h1>{t('nav.cases')}</h1>
      {cases.isPending && <Loading rows={8} />}
      {cases.isError && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
      {cases.isSuccess && rows.length === 0 && (
        <Empty title={t('quality.empty.title')}>{t('quality.empty.text')}</Empty>
      )}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('case.patient')}</th>
              <th scope="col">{t('case.ageSex')}</th>
              <th scope="col">{t('case.modality')}</th>
              <th scope="col">{t('case.studyDate')}</th>
              <th scope="col">{t('case.state')}</th>
              <th scope="col">{t('case.stage')}</th>
              <th scope="col">{t('case.model')}</th>
              <th scope="col">{t('case.deployment')}</th>
              <th scope="col">{t('case.queued')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td>
                  <Link to="/cases/$caseId" params={{ caseId: row.id }}>
                    {personName(row.study.patient.name, i18n.language)}
                  </Link>
                </td>
                <td>{ageAndSex(row.study.patient, row.study.studyDate)}</td>
                <td>
                  {row.source.modality} {row.source.bodyPartExamined.toLowerCase()}
                </td>
                <td>{dicomDate(row.study.studyDate)}</td>
                <td>{row.state ? <CaseStateBadge value={row.state} /> : t('common.none')}</td>
                <td>
                  <StageBadge value={row.stage} />
                </td>
                <td>
                  {row.model.name} {row.model.version}
                </td>
                <td>{row.deployment.name}</td>
                <td>
                  <Time at={row.queuedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </main>
  );
}
