/** A site's scanners: entered, seen on the series that came last, then put in force with a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  changeSiteMutation,
  type Scanner,
  type SitePreview,
  sitePreviewQuery,
} from '../../api/site_documents';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { DRY_RUN_SERIES } from './dry_run_step';
import { typedList } from './numbers';
import { TextInput } from './rule_inputs';
import { SitePreviewView } from './site_preview';
import { isComplete, typedScanners } from './site_words';

interface SiteFormProps {
  /** Empty where the site is a new one. */
  name: string;
  scanners: readonly Scanner[];
  onClose: () => void;
}

/** A scanner as it is typed: it has no other identity while its name is. */
interface Row {
  key: number;
  scanner: Scanner;
}

const EMPTY: Scanner = { sender: '', name: '', makerWords: [] };

export function SiteForm({ name, scanners, onClose }: SiteFormProps) {
  const { t } = useTranslation();
  const [typedName, setName] = useState(name);
  const first = scanners.length > 0 ? scanners : [EMPTY];
  const [rows, setRows] = useState<Row[]>(first.map((scanner, key) => ({ key, scanner })));
  const wanted = {
    name: typedName.trim(),
    scanners: typedScanners(rows.map(({ scanner }) => scanner)),
  };
  const preview = useMutation({
    mutationFn: async () =>
      (await ask(sitePreviewQuery, { input: { ...wanted, series: DRY_RUN_SERIES } })).sitePreview,
  });
  const edit = (edited: Row[]) => {
    setRows(edited);
    preview.reset();
  };
  const nextKey = Math.max(-1, ...rows.map(({ key }) => key)) + 1;
  const complete = isComplete(wanted.name, wanted.scanners);
  return (
    <div className="note">
      {name === '' && (
        <div className="fields">
          <TextInput
            label={t('sites.field.site')}
            value={typedName}
            onChange={(text) => {
              setName(text);
              preview.reset();
            }}
          />
        </div>
      )}
      {rows.map(({ key, scanner }) => (
        <ScannerFields
          key={key}
          scanner={scanner}
          onEdit={(changed) =>
            edit(
              rows.map((row) =>
                row.key === key ? { key, scanner: { ...scanner, ...changed } } : row,
              ),
            )
          }
          onRemove={() => edit(rows.filter((row) => row.key !== key))}
        />
      ))}
      <button type="button" onClick={() => edit([...rows, { key: nextKey, scanner: EMPTY }])}>
        {t('sites.addScanner')}
      </button>
      <div className="row-actions">
        <button
          type="button"
          className="primary"
          disabled={preview.isPending || !complete}
          onClick={() => preview.mutate()}
        >
          {t('sites.preview', { count: DRY_RUN_SERIES })}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
        <span className="small muted">
          {complete ? t('sites.previewFirst') : t('sites.missing')}
        </span>
      </div>
      {preview.isError && <Fault error={preview.error} onRetry={() => preview.reset()} />}
      {preview.data && (
        <>
          <SitePreviewView site={wanted.name} preview={preview.data} />
          <SiteSaving wanted={wanted} preview={preview.data} onClose={onClose} />
        </>
      )}
    </div>
  );
}

interface ScannerFieldsProps {
  scanner: Scanner;
  onEdit: (changed: Partial<Scanner>) => void;
  onRemove: () => void;
}

function ScannerFields({ scanner, onEdit, onRemove }: ScannerFieldsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="fields">
      <legend className="visually-hidden">{scanner.name || t('sites.scanner')}</legend>
      <TextInput
        label={t('sites.field.name')}
        value={scanner.name}
        onChange={(name) => onEdit({ name })}
      />
      <TextInput
        label={t('sites.field.sender')}
        value={scanner.sender}
        onChange={(sender) => onEdit({ sender })}
      />
      <TextInput
        label={t('sites.field.makerWords')}
        title={t('sites.words')}
        value={scanner.makerWords.join(', ')}
        onChange={(text) => onEdit({ makerWords: typedList(text) })}
      />
      <button
        type="button"
        className="quiet"
        aria-label={t('sites.removeScanner', { name: scanner.name || t('sites.scanner') })}
        onClick={onRemove}
      >
        ×
      </button>
    </fieldset>
  );
}

interface SiteSavingProps {
  wanted: { name: string; scanners: Scanner[] };
  preview: SitePreview;
  onClose: () => void;
}

function SiteSaving({ wanted, preview, onClose }: SiteSavingProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const { follows, differing, lookedAt, difference } = preview;
  const save = useMutation({
    mutationFn: (reason: string) =>
      ask(changeSiteMutation, {
        input: { ...wanted, reason, follows, differingSeen: differing, lookedAt },
      }),
    onSuccess: ({ changeSite: { site } }) => {
      if (!site) return;
      toast(t('sites.saved', { version: site.versions[0]?.version, site: site.name }));
      void queries.invalidateQueries({ queryKey: ['sites'] });
      onClose();
    },
  });
  const refusal = save.data?.changeSite.refusal;
  if (difference.length === 0) return <p className="muted">{t('sites.unchanged')}</p>;
  return (
    <ReasonForm
      label={t('sites.why')}
      action={t('sites.save')}
      pending={save.isPending}
      onAct={(reason) => save.mutate(reason)}
      onClose={onClose}
    >
      {refusal && <RefusalNote refusal={refusal} />}
      {save.isError && <Fault error={save.error} onRetry={() => save.reset()} />}
    </ReasonForm>
  );
}
