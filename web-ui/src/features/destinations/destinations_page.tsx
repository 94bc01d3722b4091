/** Where releases are sent: the archives, whether they answer, what waits for them, and who changed what. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { destinationsQuery } from '../../api/destination_documents';
import { Empty, Fault, Loading } from '../../components/note';
import { hasRole, useViewer } from '../session/session';
import { AddForm } from './add_form';
import { DestinationRow } from './destination_row';

export function DestinationsPage() {
  const { t } = useTranslation();
  const mayChange = hasRole(useViewer(), 'ADMINISTRATOR');
  const query = useQuery({
    queryKey: ['destinations'],
    queryFn: () => ask(destinationsQuery, {}),
    // What waits is sent meanwhile.
    refetchInterval: 15_000,
  });
  const destinations = query.data?.destinations ?? [];
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('destinations.title')}</h1>
      </div>
      <div className={mayChange ? 'list-and-form' : undefined}>
        <section aria-label={t('destinations.title')} className="list-part">
          <p className="muted">{t('destinations.meaning')}</p>
          {query.isPending && <Loading rows={3} />}
          {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
          {query.isSuccess && destinations.length === 0 && (
            <Empty title={t('destinations.empty.title')}>{t('destinations.empty.text')}</Empty>
          )}
          {destinations.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('destinations.destination')}</th>
                  <th scope="col">{t('destinations.kind')}</th>
                  <th scope="col">{t('destinations.state')}</th>
                  <th scope="col">{t('destinations.waiting')}</th>
                  <th scope="col">{t('destinations.history')}</th>
                  {mayChange && <th scope="col">{t('destinations.act')}</th>}
                </tr>
              </thead>
              <tbody>
                {destinations.map((destination) => (
                  <DestinationRow
                    key={destination.id}
                    destination={destination}
                    mayChange={mayChange}
                  />
                ))}
              </tbody>
            </table>
          )}
        </section>
        {mayChange && <AddForm />}
      </div>
    </main>
  );
}
