/** A short word at the bottom edge, said once and gone. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { Icon } from './icon';

const TOAST_DURATION_MS = 6_000;
const Toasts = createContext<(text: string) => void>(() => undefined);

/** Gives the function that says a short word. */
export const useToast = () => useContext(Toasts);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [texts, setTexts] = useState<{ id: number; text: string }[]>([]);
  const say = useCallback((text: string) => {
    const id = Date.now() + Math.random();
    setTexts((shown) => [...shown, { id, text }]);
    setTimeout(
      () => setTexts((shown) => shown.filter((toast) => toast.id !== id)),
      TOAST_DURATION_MS,
    );
  }, []);
  const value = useMemo(() => say, [say]);
  return (
    <Toasts.Provider value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {texts.map(({ id, text }) => (
          <div key={id} className="toast">
            <Icon name="check" />
            {text}
          </div>
        ))}
      </div>
    </Toasts.Provider>
  );
}
