/** What the keys do in the reading room. */
import { fullSize } from '../../viewer/projection';
import type { Command } from './key_map';
import type { Reading } from './use_reading';

/** Opens and closes what lies around the images. */
function steered(command: Command, { room, hold, canSign, setDeferring }: Reading): boolean {
  switch (command) {
    case 'cancel':
      room.setTool(null);
      room.setSigning(false);
      setDeferring(false);
      return true;
    case 'sign':
      room.setSigning(canSign);
      setDeferring(false);
      return true;
    case 'defer':
      room.setSigning(false);
      setDeferring(hold.held);
      return true;
    case 'draft':
      hold.draft.saveNow();
      return true;
    default:
      return false;
  }
}

/** Brings what is looked at to its full size, or to the next region. */
function moved(command: Command, { room, seen, compared, page }: Reading): boolean {
  switch (command) {
    case 'full-size': {
      const now = seen.projection();
      const density = page.devicePixelRatio;
      if (now) {
        room.change({ kind: 'camera', camera: fullSize(now, room.view.camera, density) });
      }
      return true;
    }
    case 'next-region':
    case 'previous-region':
      if (compared) {
        room.walkRegions(command === 'next-region' ? 1 : -1, seen.evidence, seen.toAi());
      }
      return true;
    default:
      return false;
  }
}

/** Chooses a prior and puts it beside the images of today. */
function besidePrior(command: Command, { room, prior }: Reading): boolean {
  switch (command) {
    case 'next-prior':
      room.change({ kind: 'next-prior', of: prior.count });
      return true;
    case 'align-prior':
      if (prior.isByHand) room.change({ kind: 'align-prior' });
      return true;
    case 'prior-on':
    case 'prior-back':
      prior.moveAlone(command === 'prior-on' ? 1 : -1);
      return true;
    default:
      return false;
  }
}

/** Carries out a command; `detach` gives the images a window of their own. */
export function runCommand(command: Command, reading: Reading, detach: () => void): void {
  const { room, compared, canJudge, readOnly } = reading;
  if (command === 'detach') {
    detach();
    return;
  }
  if (steered(command, reading) || moved(command, reading)) return;
  if (besidePrior(command, reading)) return;
  if (room.look(command, compared) || readOnly) return;
  if (compared || !command.startsWith('dispose-')) room.judge(command, canJudge);
}
