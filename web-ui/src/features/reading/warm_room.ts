/** The places of the room's first panes, before there is a case: what is drawn in them finds everything at hand. */
import { warmUp } from '../../viewer/warm_up';

let isWarm = false;

/** An element of these classes; the last one's children are `inside`. */
function place(names: string, inside: readonly Node[] = []): HTMLDivElement {
  const made = document.createElement('div');
  made.className = names;
  made.append(...inside);
  return made;
}

/** The room without words: its own styles make its panes as large as those of a case. */
function emptyRoom(panes: HTMLElement): HTMLElement {
  const room = place('room room-warming', [
    place('room-head'),
    panes,
    place('strip'),
    place('column'),
  ]);
  room.setAttribute('aria-hidden', 'true');
  return room;
}

async function warm(stage: 'original' | 'four', count: number): Promise<void> {
  const images = Array.from({ length: count }, () => place('pane-image'));
  const panes = images.map((image) => place('pane', [place('pane-surface', [image])]));
  const room = emptyRoom(place(`panes panes-${stage}`, panes));
  document.body.append(room);
  try {
    await warmUp(stage === 'original' ? 'whole' : 'part', images);
  } finally {
    room.remove();
  }
}

/** Once, while nobody waits: the original alone, then the four panes. */
export async function warmRoom(): Promise<void> {
  if (isWarm) return;
  isWarm = true;
  await warm('original', 1);
  await warm('four', 4);
}
