/** The right column: regions, findings, verdict, the way to sign. */
import { useTranslation } from 'react-i18next';
import type { FindingKind, ReadingCase, Region } from '../../api/types';
import { writtenUnit } from '../../components/unit';
import { FindingList } from './finding_list';
import { RegionList } from './region_list';
import type { SigningWaits } from './signing_waits';
import type { Room } from './use_room';
import { VerdictPanel } from './verdict_panel';

/** Fewer patients than this in calibration give no guarantee at 90 %. */
const GUARANTEE_SUBJECTS_MIN = 9;

interface RoomColumnProps {
  readingCase: ReadingCase;
  room: Room;
  /** Whether the AI image has been shown: the original is read first and alone. */
  compared: boolean;
  canJudge: boolean;
  /** What signing waits for; null when it waits for nothing. */
  waits: SigningWaits | null;
  /** Null once the case is no longer held. */
  onDefer: (() => void) | null;
  readOnly: boolean;
  /** Slices of a region that were never shown with every pixel. */
  slicesLeft: (region: Region) => number;
  onRegion: (region: Region) => void;
}

/** The kind that is being placed. */
function markingOf(tool: Room['tool']): FindingKind | 'choose' | null {
  if (tool === null || tool === 'choose') return tool;
  return tool.kind === 'finding' ? tool.finding : null;
}

function IntervalMeaning({ model }: { model: ReadingCase['model'] }) {
  const { t } = useTranslation();
  return (
    <p className="small muted">
      {t('reading.intervalMeaning', { count: model.calibrationSubjects })}{' '}
      {model.calibrationSubjects < GUARANTEE_SUBJECTS_MIN && (
        <strong className="wait">{t('reading.noGuarantee')}</strong>
      )}{' '}
      {t('reading.notLesions')}
    </p>
  );
}

export function RoomColumn(props: RoomColumnProps) {
  const { readingCase, room, compared, canJudge, waits, onDefer, readOnly } = props;
  const { t } = useTranslation();
  return (
    <aside className="column" aria-label={t('reading.column')}>
      <div className="column-evidence">
        {readingCase.deployment.banner && (
          <p className="note note-wait small">{readingCase.deployment.banner}</p>
        )}
        <section>
          <h2>
            {t('reading.regions')} <kbd>N</kbd>
          </h2>
          {compared ? (
            <>
              <RegionList
                regions={readingCase.regions}
                dispositions={room.content.regions}
                current={room.currentRegion}
                unit={writtenUnit(readingCase.model.unit)}
                slicesLeft={props.slicesLeft}
                onGo={props.onRegion}
                onDispose={(region, disposition) =>
                  room.say({ kind: 'disposition', region, disposition })
                }
                readOnly={readOnly}
              />
              <IntervalMeaning model={readingCase.model} />
            </>
          ) : (
            <>
              <p className="muted small">{t('reading.originalFirst')}</p>
              <button type="button" onClick={() => room.change({ kind: 'stage', by: 1 })}>
                {t('reading.compare')} <kbd>.</kbd>
              </button>
            </>
          )}
        </section>
        <section>
          <h2>
            {t('reading.findings')} <kbd>M</kbd>
          </h2>
          {room.tool !== null && room.tool !== 'choose' && room.tool.kind !== 'finding' && (
            <p className="small" role="status">
              {t(room.tool.kind === 'ruler' ? 'room.placeRuler' : 'room.placeEllipse')}
            </p>
          )}
          <FindingList
            findings={room.content.findings}
            marking={markingOf(room.tool)}
            readOnly={readOnly}
            onMark={(finding) => room.setTool(finding ? { kind: 'finding', finding } : null)}
            onGo={(finding) => finding.centreMm && room.goToPoint(finding.centreMm)}
            onChange={(index, change) => room.say({ kind: 'finding-changed', index, change })}
            onRemove={(index) => room.say({ kind: 'finding-removed', index })}
          />
        </section>
      </div>
      <div className="column-decision">
        <h2>{t('reading.verdict')}</h2>
        <VerdictPanel
          verdict={room.content.verdict}
          comment={room.content.comment}
          awake={canJudge}
          readOnly={readOnly}
          onVerdict={(verdict) => room.say({ kind: 'verdict', verdict })}
          onComment={(comment) => room.say({ kind: 'comment', comment })}
        />
        {!readOnly && (
          <>
            <button
              type="button"
              className="primary sign-button"
              disabled={waits !== null}
              onClick={() => room.setSigning(true)}
            >
              {t('signing.open')} <kbd>Ctrl Enter</kbd>
            </button>
            <div className="sign-line">
              <p className="small muted" role="status">
                {waits && (waits === 'unseen' ? t('room.unseen') : t(`reading.waits.${waits}`))}
              </p>
              {onDefer && (
                <button type="button" className="quiet small" onClick={onDefer}>
                  {t('defer.open')} <kbd>E</kbd>
                </button>
              )}
            </div>
          </>
        )}
      </div>
    </aside>
  );
}
