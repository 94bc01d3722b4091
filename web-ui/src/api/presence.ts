/** Whether a person has touched the page: what the page asks on a clock counts as theirs only then. */

const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/**
 * Watches for input.
 *
 * @returns Says whether there was any since it was last asked.
 */
export function watchForInput(page: Pick<Window, 'addEventListener'>): () => boolean {
  // Whoever opens a page is there.
  let touched = true;
  const note = () => {
    touched = true;
  };
  for (const sign of SIGNS) page.addEventListener(sign, note, { passive: true });
  return () => {
    const was = touched;
    touched = false;
    return was;
  };
}
