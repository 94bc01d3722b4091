/** The key map over a dimmed page. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { KEY_MAP } from './key_map';

const GROUPS = ['move', 'hang', 'grey', 'read'] as const;

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="key-help" aria-label={t('keys.title')} onClose={onClose}>
      <div className="page-head">
        <h1>{t('keys.title')}</h1>
        <span className="spring" />
        <button type="button" onClick={onClose}>
          {t('common.close')} <kbd>Esc</kbd>
        </button>
      </div>
      <div className="key-groups">
        {GROUPS.map((group) => (
          <section key={group}>
            <h2>{t(`keys.group.${group}`)}</h2>
            <dl>
              {KEY_MAP[group].map(({ command, shown }) => (
                <div key={command}>
                  <dt>
                    <kbd>{shown}</kbd>
                  </dt>
                  <dd>{t(`keys.command.${command}`)}</dd>
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
