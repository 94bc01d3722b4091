/** An identifier in monospace, shortened, copied whole by a click. */
import { useTranslation } from 'react-i18next';
import { Icon } from './icon';
import './copyable.css';

export function Copyable({ text, length = 16 }: { text: string; length?: number }) {
  const { t } = useTranslation();
  const short = text.length > length ? `${text.slice(0, length)}…` : text;
  return (
    <button
      type="button"
      className="copyable"
      title={text}
      onClick={() => void navigator.clipboard?.writeText(text)}
    >
      <span className="mono">{short}</span>
      <Icon name="copy" />
      <span className="visually-hidden">{t('common.copy')}</span>
    </button>
  );
}
