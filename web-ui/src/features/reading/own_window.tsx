/**
 * The images in a window of their own, for a second monitor. The window belongs to this page: what is seen, marked and
 * pressed in it is the same room, and it closes with it.
 */
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';

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

export function useOwnWindow() {
  const [page, setPage] = useState<Window | null>(null);
  const [refused, setRefused] = useState(false);
  const toggle = useCallback(() => {
    if (page) {
      page.close();
      setPage(null);
      return;
    }
    const opened = window.open('', '', 'popup,width=1600,height=1000');
    setRefused(!opened);
    setPage(opened);
  }, [page]);
  useEffect(() => {
    if (!page) return;
    const gone = () => setPage(null);
    const close = () => page.close();
    page.addEventListener('pagehide', gone);
    window.addEventListener('pagehide', close);
    return () => {
      page.removeEventListener('pagehide', gone);
      window.removeEventListener('pagehide', close);
      page.close();
    };
  }, [page]);
  const pages = useMemo(() => (page ? [window, page] : [window]), [page]);
  return { page, pages, refused, toggle };
}

interface OwnWindowProps {
  own: ReturnType<typeof useOwnWindow>;
  title: string;
  /** Who it is: the window has no other place that says so. */
  identity: string;
  children: ReactNode;
}

export function OwnWindow({ own, title, identity, children }: OwnWindowProps) {
  const { t } = useTranslation();
  const [root, setRoot] = useState<HTMLElement | null>(null);
  const { page } = own;
  useEffect(() => {
    setRoot(page ? dress(page, title) : null);
  }, [page, title]);
  if (!page) {
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
      {root &&
        createPortal(
          <>
            <p className="own-window-who">{identity}</p>
            {children}
          </>,
          root,
        )}
    </div>
  );
}
