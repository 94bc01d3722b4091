/** What the automatic checks say of a case that passed them: icon, words and colour together. */
import { useTranslation } from 'react-i18next';
import type { Scores } from '../../api/types';
import { Badge } from '../../components/badge';
import { flagsOf } from './quality_flags';

export function Checks({ scores }: { scores: Scores | null }) {
  const { t } = useTranslation();
  const flags = flagsOf(scores);
  if (flags.length === 0) return <span className="muted">{t('worklist.flag.none')}</span>;
  return (
    <span className="concerns">
      {flags.map((flag) => (
        <Badge key={flag} icon="warning" tone="wait">
          {t(`worklist.flag.${flag}`)}
        </Badge>
      ))}
    </span>
  );
}
