/** Who may sign in, who may read what, and who is too close to read. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Tabs } from '../../components/tabs';
import { hasRole, useViewer } from '../session/session';
import { Accounts } from './accounts';
import { Conflicts } from './conflicts';
import { Credentials } from './credentials';
import { PEOPLE_TABS } from './people_tabs';
import './people.css';

export function PeoplePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const seesAll = hasRole(useViewer(), 'ADMINISTRATOR', 'QUALITY');
  const tabs = PEOPLE_TABS.filter((tab) => tab === 'conflicts' || seesAll);
  const { tab: asked } = useSearch({ from: '/shell/people' });
  const tab = asked && tabs.includes(asked) ? asked : (tabs[0] ?? 'conflicts');
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('people.title')}</h1>
        <Tabs
          names={tabs}
          chosen={tab}
          wordOf={(name) => t(`people.tab.${name}`)}
          onChoose={(name) => void navigate({ to: '/people', search: { tab: name } })}
        />
      </div>
      <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        {tab === 'accounts' && <Accounts />}
        {tab === 'credentials' && <Credentials />}
        {tab === 'conflicts' && <Conflicts />}
      </div>
    </main>
  );
}
