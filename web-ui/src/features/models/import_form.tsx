/** Takes in a package that a publisher signed. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { importModel } from '../../api/import_model';
import { Fault, RefusalNote } from '../../components/note';
import { useToast } from '../../components/toast';

export function ImportForm({ onImported }: { onImported: (id: string) => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const field = useId();
  const [archive, setArchive] = useState<File | null>(null);
  const sending = useMutation({
    mutationFn: importModel,
    onSuccess: async (outcome) => {
      if ('refusal' in outcome) return;
      const { id, name, version } = outcome.model;
      await queries.invalidateQueries({ queryKey: ['models'] });
      say(t('models.import.done', { name, version }));
      onImported(id);
    },
  });
  return (
    <form
      className="panel import-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (archive) sending.mutate(archive);
      }}
    >
      <label htmlFor={field}>{t('models.import.label')}</label>
      <input
        id={field}
        type="file"
        accept=".zip,application/zip"
        onChange={(event) => {
          sending.reset();
          setArchive(event.target.files?.[0] ?? null);
        }}
      />
      <button type="submit" className="primary" disabled={!archive || sending.isPending}>
        {t(sending.isPending ? 'models.import.running' : 'models.import.action')}
      </button>
      <p className="muted">{t('models.import.hint')}</p>
      {sending.data && 'refusal' in sending.data && <RefusalNote refusal={sending.data.refusal} />}
      {sending.isError && <Fault error={sending.error} onRetry={() => sending.reset()} />}
    </form>
  );
}
