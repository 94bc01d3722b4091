/**
 * The images in a window of their own, for a second monitor. The window belongs to this page: what is seen, marked and
 * pressed in it is the same room, and it closes with it.
 */
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useLocked } from '../session/session';

/** The page's own styles, so that the window looks the same. */
function dress(page: Window, title: string): HTMLElement {
  const { document: sheet } = page;
  sheet.title = title;
  sheet.documentElement.lang = document.documentElement.lang;
  sheet.documentElement.dataset.theme = document.documentElement.dataset.theme;
  for (const style of document.querySelectorAll('style, link[rel=stylesheet]')) {
    sheet.head.append(sheet.importNode(style, true));
  }
  const root = sheet.createElement('div');
  root.className = 'own-window';
  sheet.body.append(root);
  return root;
}

/** What is done in the window is done on the page: for its keys, the hold of the case, and the lock after a pause. */
function echoInto(page: Window): void {
  const echo = (event: Event) => {
    const { type } = event;
    const how = { bubbles: true, cancelable: true };
    const isKey = event.type.startsWith('key');
    const same = isKey
      ? new KeyboardEvent(type, { ...keyOf(event), ...how })
      : new Event(type, how);
    if (!document.body.dispatchEvent(same)) event.preventDefault();
  };
  for (const type of ['keydown', 'keyup', 'pointerdown', 'pointermove', 'wheel']) {
    page.addEventListener(type, echo);
  }
}

function keyOf(event: Event) {
  const { key, code, repeat, ctrlKey, shiftKey, altKey, metaKey } = event as KeyboardEvent;
  return { key, code, repeat, ctrlKey, shiftKey, altKey, metaKey };
}

interface Opened {
  page: Window;
  /** Where the images stand in it. */
  root: HTMLElement;
}

/** The window outlives the case: who has hung the images on another screen finds the next case there. */
export function useOwnWindow(title: string) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [refused, setRefused] = useState(false);
  const toggle = useCallback(() => {
    if (opened) {
      opened.page.close();
      setOpened(null);
      return;
    }
    const page = window.open('', '', 'popup,width=1600,height=1000');
    setRefused(!page);
    if (!page) return;
    echoInto(page);
    setOpened({ page, root: dress(page, title) });
  }, [opened, title]);
  useEffect(() => {
    if (!opened) return;
    const { page } = opened;
    const gone = () => setOpened(null);
    const close = () => page.close();
    page.addEventListener('pagehide', gone);
    window.addEventListener('pagehide', close);
    return () => {
      page.removeEventListener('pagehide', gone);
      window.removeEventListener('pagehide', close);
      page.close();
    };
  }, [opened]);
  return { root: opened?.root ?? null, page: opened?.page ?? null, refused, toggle };
}

export type ImageWindow = ReturnType<typeof useOwnWindow>;

interface OwnWindowProps {
  own: ImageWindow;
  /** Who it is: the window has no other place that says so. */
  identity: string;
  children: ReactNode;
}

export function OwnWindow({ own, identity, children }: OwnWindowProps) {
  const { t } = useTranslation();
  const locked = useLocked();
  if (!own.root) {
    return (
      <>
        {children}
        {own.refused && (
          <p className="room-notice note note-wait" role="alert">
            {t('room.detachRefused')}
          </p>
        )}
      </>
    );
  }
  return (
    <div className="room-wait">
      <p>{t('room.detached')}</p>
      <button type="button" onClick={own.toggle}>
        {t('room.attach')}
      </button>
      {createPortal(
        <>
          {locked && <p className="own-window-cover">{t('session.locked')}</p>}
          <div className={locked ? 'own-window-room own-window-covered' : 'own-window-room'}>
            <p className="own-window-who">{identity}</p>
            {children}
          </div>
        </>,
        own.root,
      )}
    </div>
  );
}
