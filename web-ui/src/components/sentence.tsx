/** A sentence of the ledger: ids are shortened, whole on hover, and the page's own subject is named as such. */
import { useTranslation } from 'react-i18next';
import { partsOf } from './sentence_parts';

export function Sentence({ text, own }: { text: string; own: string | null }) {
  const { t } = useTranslation();
  return partsOf(text).map((part, index) => {
    if (part.kind === 'words') return part.text;
    const name =
      part.id === own ? t('common.thisOne') : `${part.id.slice(0, part.id.indexOf('_') + 6)}…`;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a sentence never changes
      <span key={index} className={part.id === own ? undefined : 'mono muted'} title={part.id}>
        {name}
      </span>
    );
  });
}
