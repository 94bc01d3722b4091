/** Whose a study is and whose it may be, side by side: what differs, and what does not. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { disputedStudyQuery } from '../../api/identity';
import { Fault, Loading } from '../../components/note';
import { identityRows } from './identity_rows';

export function IdentityCompare({ studyId }: { studyId: string }) {
  const { t, i18n } = useTranslation();
  const query = useQuery({
    queryKey: ['disputed-study', studyId],
    queryFn: () => ask(disputedStudyQuery, { id: studyId }),
  });
  if (query.isPending) return <Loading rows={4} />;
  if (query.isError) return <Fault error={query.error} onRetry={() => void query.refetch()} />;
  const study = query.data.study;
  if (!study) return null;
  const claimed = study.claimedIdentities;
  if (claimed.length === 0) return <p className="wait">{t('identity.otherPatient')}</p>;
  const { differing, same } = identityRows(study, claimed, i18n.language);
  return (
    <>
      <table className="identities">
        <thead>
          <tr>
            <td />
            <th scope="col">{t('identity.stands')}</th>
            {claimed.map(({ images, imagesOfStudy }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: identities have no id, and their order is the server's
              <th scope="col" key={index}>
                {t('identity.came', { images, count: imagesOfStudy })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differing.map(({ name, stands, came }) => (
            <tr key={name}>
              <th scope="row">{t(`identity.row.${name}`)}</th>
              <td>{stands || '–'}</td>
              {came.map((value, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: one cell for each column above
                <td key={index} className={value === stands ? undefined : 'differs'}>
                  {value || '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small identity-same">
        {t('identity.same')}{' '}
        {same
          .map(({ name, stands }) => `${t(`identity.row.${name}`)} ${stands || '–'}`)
          .join(' · ')}
      </p>
    </>
  );
}
