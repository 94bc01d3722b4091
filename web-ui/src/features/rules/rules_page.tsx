/** The rules that cases are read under, who changed them and when; and the cases that test readers. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Tabs } from '../../components/tabs';
import { hasRole, useViewer } from '../session/session';
import { ReadingRules } from './reading_rules';
import { RULES_TABS } from './rules_tabs';
import { TestCases } from './test_cases';
import './rules.css';

export function RulesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const viewer = useViewer();
  // Who reads learns neither which cases test readers nor how others did.
  const maySeeSamples =
    hasRole(viewer, 'QUALITY') && !hasRole(viewer, 'RADIOLOGIST', 'ADJUDICATOR');
  const tabs = RULES_TABS.filter((tab) => tab !== 'samples' || maySeeSamples);
  const { tab: asked } = useSearch({ from: '/shell/rules' });
  const tab = asked && tabs.includes(asked) ? asked : 'rules';
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('rules.title')}</h1>
        <Tabs
          names={tabs}
          chosen={tab}
          wordOf={(name) => t(`rules.tab.${name}`)}
          onChoose={(name) => void navigate({ to: '/rules', search: { tab: name } })}
        />
      </div>
      <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        {tab === 'rules' ? <ReadingRules /> : <TestCases />}
      </div>
    </main>
  );
}
