/** The reading room: images, strip, what the reader says, signing. */
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { SignedCase } from '../../api/documents';
import type { ReadingCase } from '../../api/types';
import { useViewer } from '../session/session';
import { KeyHelp } from './key_help';
import { keepLastSigned } from './last_signed';
import { mapWith } from './own_keys';
import type { ImageWindow } from './own_window';
import { RoomColumn } from './room_column';
import { runCommand } from './room_commands';
import { RoomEdge } from './room_edge';
import { RoomHeader } from './room_header';
import { RoomImages } from './room_images';
import { useStrip } from './room_marks';
import { SliceStrip } from './slice_strip';
import { countSigned } from './tally';
import { useKeys } from './use_keys';
import { useOwnKeys } from './use_own_keys';
import { usePrefetch } from './use_prefetch';
import { useReading } from './use_reading';

interface ReadingRoomProps {
  readingCase: ReadingCase;
  /** The window of the images, where they have one of their own. */
  own: ImageWindow;
}

export function ReadingRoom({ readingCase, own }: ReadingRoomProps) {
  const viewer = useViewer();
  const queries = useQueryClient();
  const reading = useReading(readingCase, own.page ?? window);
  const { images, room, seen, compared, complete } = reading;
  const [ownKeys, setOwnKeys] = useOwnKeys(viewer.id);
  const map = useMemo(() => mapWith(ownKeys), [ownKeys]);
  useKeys(map, room.tool === 'choose', (command) => runCommand(command, reading, own.toggle));
  usePrefetch(readingCase.id, complete);
  const strip = useStrip(readingCase, images, room, seen.slices);
  const onSigned = (after: SignedCase) => {
    reading.onSigned(after);
    countSigned(viewer.id);
    keepLastSigned(viewer.id, { caseId: after.id, withdrawUntil: after.withdrawUntil });
    void queries.invalidateQueries({ queryKey: ['worklist'] });
  };
  return (
    <div className="room">
      <RoomHeader reading={reading} />
      <main className="room-main">
        <RoomImages reading={reading} own={own} />
        <SliceStrip
          slices={strip}
          current={room.currentSlice}
          showUncertain={compared}
          onJump={room.jump}
        />
        {room.columnShown && <RoomColumn reading={reading} />}
        <RoomEdge reading={reading} onSigned={onSigned} />
      </main>
      {room.help && (
        <KeyHelp map={map} own={ownKeys} onOwn={setOwnKeys} onClose={() => room.setHelp(false)} />
      )}
    </div>
  );
}
