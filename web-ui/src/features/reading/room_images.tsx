/** The images of the room: in their place, in a window of their own, or why they aren't there. */
import { useTranslation } from 'react-i18next';
import { Fault } from '../../components/note';
import { inARow, patientIdOf, personName } from '../../components/patient';
import { dicomDate } from '../../components/time';
import { type ImageWindow, OwnWindow } from './own_window';
import { Panes } from './panes';
import { marksAt } from './room_marks';
import type { Reading } from './use_reading';

interface RoomImagesProps {
  reading: Reading;
  own: ImageWindow;
}

export function RoomImages({ reading, own }: RoomImagesProps) {
  const { images, readingCase } = reading;
  const { t, i18n } = useTranslation();
  const { patient } = readingCase.study;
  if (images.error) {
    return (
      <div className="page">
        <Fault error={images.error} onRetry={() => window.location.reload()} />
      </div>
    );
  }
  if (!images.original && !images.preview.original) {
    return (
      <div className="room-wait">
        {t('reading.loading', { loaded: images.loaded, total: images.total })}
      </div>
    );
  }
  const identity = inARow(
    personName(patient.name, i18n.language),
    patientIdOf(patient),
    patient.birthDate && t('room.born', { date: dicomDate(patient.birthDate) }),
  );
  return (
    <OwnWindow own={own} identity={identity}>
      <RoomPanes reading={reading} />
    </OwnWindow>
  );
}

function RoomPanes({ reading }: { reading: Reading }) {
  const { readingCase, images, prior, room, seen, signed, compared, readOnly } = reading;
  const { tool } = room;
  const isMarking = tool !== null && tool !== 'choose' && tool.kind === 'finding';
  return (
    <Panes
      readingCase={readingCase}
      released={(signed?.state ?? readingCase.state) === 'RELEASED'}
      images={images}
      prior={prior}
      view={room.view}
      change={room.change}
      scroll={room.scroll}
      marks={compared ? marksAt(readingCase, room, images) : []}
      measures={room.content.measures}
      tool={tool === 'choose' || (readOnly && isMarking) ? null : tool}
      onTool={room.onTool}
      onDrawn={seen.onDrawn}
    />
  );
}
