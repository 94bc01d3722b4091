/** The key map over a dimmed page; a click on a key gives it another one. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageChoice } from '../session/language_choice';
import type { Binding, Command, KeyMap, Stroke } from './key_map';
import { isWhole, type OwnKeys, rebind, shownOf } from './own_keys';

const GROUPS = ['move', 'hang', 'grey', 'read'] as const;

interface KeyHelpProps {
  map: KeyMap;
  own: OwnKeys;
  onOwn: (own: OwnKeys) => void;
  onClose: () => void;
}

export function KeyHelp({ map, own, onOwn, onClose }: KeyHelpProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [changing, setChanging] = useState<Command | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => dialog.current?.showModal(), []);

  const press = (event: KeyboardEvent) => {
    if (!changing) return;
    event.preventDefault();
    event.stopPropagation();
    const { key, code, shiftKey: shift } = event;
    const stroke: Stroke = { key, code, shift, ctrl: event.ctrlKey || event.metaKey };
    if (!isWhole(stroke)) return;
    setChanging(null);
    setSaid('');
    if (key === 'Escape') return;
    const result = rebind(own, changing, stroke);
    if (result.kind === 'bound') onOwn(result.own);
    else {
      const command = t(`keys.command.${result.by}`);
      setSaid(t('ownKeys.taken', { shown: shownOf(stroke), command }));
    }
  };
  const keyOf = ({ command, shown, fixed }: Binding) => {
    if (fixed) return <kbd>{shown}</kbd>;
    return (
      <button
        type="button"
        className="key-choice"
        aria-label={`${t('ownKeys.change', { command: t(`keys.command.${command}`) })}: ${shown}`}
        onClick={() => setChanging(command)}
      >
        <kbd>{changing === command ? t('ownKeys.press') : shown}</kbd>
      </button>
    );
  };
  return (
    <dialog
      ref={dialog}
      className="key-help"
      aria-label={t('keys.title')}
      onClose={onClose}
      onCancel={(event) => changing && event.preventDefault()}
      onKeyDown={press}
    >
      <div className="page-head">
        <h1>{t('keys.title')}</h1>
        <span className="muted small">{t('ownKeys.hint')}</span>
        <span className="spring" />
        <LanguageChoice />
        <button type="button" disabled={Object.keys(own).length === 0} onClick={() => onOwn({})}>
          {t('ownKeys.reset')}
        </button>
        <button type="button" onClick={onClose}>
          {t('common.close')} <kbd>Esc</kbd>
        </button>
      </div>
      <p className="wait" role="status">
        {said}
      </p>
      <div className="key-groups">
        {GROUPS.map((group) => (
          <section key={group}>
            <h2>{t(`keys.group.${group}`)}</h2>
            <dl>
              {map[group].map((binding) => (
                <div key={binding.command}>
                  <dt>{keyOf(binding)}</dt>
                  <dd>{t(`keys.command.${binding.command}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="muted">{t('keys.mouse')}</p>
    </dialog>
  );
}
