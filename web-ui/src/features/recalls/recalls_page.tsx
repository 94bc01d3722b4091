/** Recalls of everything that a version, a deployment or a span of time released. */
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { hasRole, useViewer } from '../session/session';
import { CampaignList } from './campaign_list';
import { CampaignPanel } from './campaign_panel';
import { PreviewPanel } from './preview_panel';
import { selectionOf } from './recalls_search';
import { SelectionForm } from './selection_form';
import './recalls.css';

export function RecallsPage() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const search = useSearch({ from: '/shell/recalls' });
  const selection = selectionOf(search);
  const mayRecall = hasRole(viewer, 'QUALITY', 'ADJUDICATOR');
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('recalls.title')}</h1>
      </div>
      <p className="muted">{t('recalls.scope')}</p>
      {mayRecall && <SelectionForm key={JSON.stringify(selection)} search={search} />}
      {mayRecall && selection && <PreviewPanel selection={selection} />}
      {search.campaign && <CampaignPanel id={search.campaign} />}
      <CampaignList chosen={search.campaign ?? null} />
    </main>
  );
}
