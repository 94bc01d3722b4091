/** Long work in short turns, so that the page draws and answers meanwhile. */

/** How long work may go on in one piece, ms. */
export const TURN_MS = 12;
/** How long a frame is waited for, ms: a hidden page makes none. */
const FRAME_WITHIN_MS = 250;

/** Lets the page draw and answer; by a message, because a hidden page's clock is slow. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** Lets the page show what it has drawn so far: what nobody waits for begins behind that. */
export const nextFrame = (): Promise<void> =>
  new Promise((resolve) => {
    const given = () => {
      clearTimeout(timer);
      void nextTurn().then(resolve);
    };
    const timer = setTimeout(given, FRAME_WITHIN_MS);
    requestAnimationFrame(given);
  });
