/** Who may read what: granted, ended, taken back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { credentialsQuery, revokeCredentialMutation } from '../../api/oversight_documents';
import type { Credential } from '../../api/oversight_types';
import { Act } from '../../components/act';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { GrantForm } from './grant_form';
import { useTaskWord } from './task_word';
import { type Validity, validityOf } from './validity';

const LOOKS: Record<Validity, [IconName, 'good' | 'wait' | 'bad' | 'past' | 'plain']> = {
  valid: ['check', 'good'],
  endsSoon: ['clock', 'wait'],
  ended: ['clock', 'past'],
  revoked: ['cross', 'bad'],
  notYet: ['clock', 'plain'],
};

export function Credentials() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['credentials'],
    queryFn: () => ask(credentialsQuery, {}),
  });
  const credentials = query.data?.credentials ?? [];
  return (
    <div className="list-and-form">
      <section aria-label={t('people.tab.credentials')} className="list-part">
        <p className="muted">{t('people.credential.meaning')}</p>
        {query.isPending && <Loading rows={4} />}
        {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && credentials.length === 0 && (
          <Empty title={t('people.credential.empty.title')}>
            {t('people.credential.empty.text')}
          </Empty>
        )}
        {credentials.length > 0 && <CredentialTable credentials={credentials} />}
      </section>
      <GrantForm known={[...new Set(credentials.map(({ username }) => username))]} />
    </div>
  );
}

function CredentialTable({ credentials }: { credentials: readonly Credential[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('people.person')}</th>
          <th scope="col">{t('people.mayRead')}</th>
          <th scope="col">{t('people.credential.state')}</th>
          <th scope="col">{t('people.credential.from')}</th>
          <th scope="col">{t('people.credential.until')}</th>
          <th scope="col">{t('people.act')}</th>
        </tr>
      </thead>
      <tbody>
        {credentials.map((credential) => (
          <CredentialRow key={credential.id} credential={credential} />
        ))}
      </tbody>
    </table>
  );
}

function CredentialRow({ credential }: { credential: Credential }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const wordOf = useTaskWord();
  const { id, username, modality, task, purpose, validFrom, validUntil, revokedAt } = credential;
  const validity = validityOf(credential, new Date());
  const [icon, tone] = LOOKS[validity];
  const use = { name: username, modality, task: wordOf(task) };
  return (
    <tr>
      <td>{username}</td>
      <td>
        {modality} · {wordOf(task)}
        {purpose === 'EVALUATION' && ` · ${t('people.purposes.EVALUATION')}`}
      </td>
      <td>
        <Badge icon={icon} tone={tone}>
          {t(`people.validity.${validity}`)}
        </Badge>
      </td>
      <td>
        <Time at={validFrom} />
      </td>
      <td>
        <Time at={revokedAt ?? validUntil} />
      </td>
      <td>
        {['valid', 'endsSoon', 'notYet'].includes(validity) && (
          <Act
            danger
            word={t('people.credential.revoke')}
            label={t('people.credential.revokeOf', use)}
            meaning={t('people.credential.revokeMeaning', use)}
            done={t('people.credential.revoked', use)}
            run={async () =>
              (await ask(revokeCredentialMutation, { input: { credentialId: id } }))
                .revokeCredential.refusal
            }
            onDone={() => void queries.invalidateQueries({ queryKey: ['credentials'] })}
          />
        )}
      </td>
    </tr>
  );
}
