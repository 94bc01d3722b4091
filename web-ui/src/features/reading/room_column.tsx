/** The right column: regions, findings, verdict, the way to sign. */
import { useTranslation } from 'react-i18next';
import type { FindingKind, ReadingCase } from '../../api/types';
import { writtenUnit } from '../../components/unit';
import { FindingList } from './finding_list';
import { RegionList } from './region_list';
import { unseenOf } from './region_walk';
import type { Reading } from './use_reading';
import type { Room } from './use_room';
import { VerdictPanel } from './verdict_panel';

/** Fewer patients than this in calibration give no guarantee at 90 %. */
const GUARANTEE_SUBJECTS_MIN = 9;

/** The kind that is being placed. */
function markingOf(tool: Room['tool']): FindingKind | 'choose' | null {
  if (tool === null || tool === 'choose') return tool;
  return tool.kind === 'finding' ? tool.finding : null;
}

function IntervalMeaning({ readingCase }: { readingCase: ReadingCase }) {
  const { t } = useTranslation();
  const { model, deployment } = readingCase;
  return (
    <p className="small muted">
      {(deployment.texturePercent ?? 0) > 0 && (
        <>{t('reading.textureKept', { percent: deployment.texturePercent })} </>
      )}
      {t('reading.intervalMeaning', { count: model.calibrationSubjects })}{' '}
      {model.calibrationSubjects < GUARANTEE_SUBJECTS_MIN && (
        <strong className="wait">{t('reading.noGuarantee')}</strong>
      )}{' '}
      {t('reading.notLesions')}
    </p>
  );
}

/** Where the run asks to look; says only how to go on while the original is read alone. */
function Regions({ readingCase, room, seen, compared, readOnly }: Reading) {
  const { t } = useTranslation();
  return (
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
            slicesLeft={seen.slicesLeft}
            onGo={(region) =>
              room.goToRegion(region, unseenOf(region, seen.evidence)[0] ?? null, seen.toAi())
            }
            onDispose={(region, disposition) =>
              room.say({ kind: 'disposition', region, disposition })
            }
            readOnly={readOnly}
          />
          <IntervalMeaning readingCase={readingCase} />
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
  );
}

function Findings({ room, readOnly }: Reading) {
  const { t } = useTranslation();
  const { tool } = room;
  return (
    <section>
      <h2>
        {t('reading.findings')} <kbd>M</kbd>
      </h2>
      {tool !== null && tool !== 'choose' && tool.kind !== 'finding' && (
        <p className="small" role="status">
          {t(tool.kind === 'ruler' ? 'room.placeRuler' : 'room.placeEllipse')}
        </p>
      )}
      <FindingList
        findings={room.content.findings}
        marking={markingOf(tool)}
        readOnly={readOnly}
        onMark={(finding) => room.setTool(finding ? { kind: 'finding', finding } : null)}
        onGo={(finding) => finding.centreMm && room.goToPoint(finding.centreMm)}
        onChange={(index, change) => room.say({ kind: 'finding-changed', index, change })}
        onRemove={(index) => room.say({ kind: 'finding-removed', index })}
      />
    </section>
  );
}

/** The way to sign, and what it still waits for. */
function WayToSign({ waits, room, hold, setDeferring }: Reading) {
  const { t } = useTranslation();
  return (
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
        {hold.held && (
          <button type="button" className="quiet small" onClick={() => setDeferring(true)}>
            {t('defer.open')} <kbd>E</kbd>
          </button>
        )}
      </div>
    </>
  );
}

export function RoomColumn({ reading }: { reading: Reading }) {
  const { readingCase, room, canJudge, readOnly } = reading;
  const { t } = useTranslation();
  return (
    <aside className="column" aria-label={t('reading.column')}>
      <div className="column-evidence">
        {readingCase.deployment.banner && (
          <p className="note note-wait small">{readingCase.deployment.banner}</p>
        )}
        <Regions {...reading} />
        <Findings {...reading} />
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
        {!readOnly && <WayToSign {...reading} />}
      </div>
    </aside>
  );
}
