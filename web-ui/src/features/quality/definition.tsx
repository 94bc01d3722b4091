/** What a figure is, behind a "?". */
import { useTranslation } from 'react-i18next';
import type { QualityFigures } from '../../api/types';

interface DefinitionProps {
  of: string;
  label: string;
  definitions: QualityFigures['definitions'];
}

export function Definition({ of, label, definitions }: DefinitionProps) {
  const { t } = useTranslation();
  const text = definitions.find(({ name }) => name === of)?.text;
  if (!text) return null;
  return (
    <details className="definition">
      <summary aria-label={t('figures.what', { name: label })}>?</summary>
      <p>{text}</p>
    </details>
  );
}
