/** Rulers and ellipses as they are drawn: those at the place that is shown, with what they measure there. */
import { useTranslation } from 'react-i18next';
import type { ReadingCase } from '../../api/types';
import { writtenUnit } from '../../components/unit';
import { positionOf } from '../../viewer/geometry';
import type { MeasureMark } from '../../viewer/mark_layer';
import { type Measure, middleOf, statisticsOf } from '../../viewer/measure';
import type { AcquiredPane, View } from '../../viewer/view';
import { measureWords } from './numbers';
import { measuredOn, type PaneScene } from './pane_scene';

/** What a pane draws of `measures`: each pane measures its own values. */
export function useMeasureMarks(
  readingCase: ReadingCase,
  scene: PaneScene,
  view: View,
  measures: readonly Measure[],
): (pane: AcquiredPane) => MeasureMark[] {
  const { t } = useTranslation();
  const { original } = scene;
  const words = {
    mean: t('room.mean'),
    deviation: t('room.deviation'),
    nothing: t('room.nothingInside'),
  };
  const here = measures.filter(
    (measure) =>
      original &&
      Math.abs(positionOf(middleOf(measure), original.normal) - view.positionMm) <=
        original.toleranceMm,
  );
  const unit = writtenUnit(readingCase.model.unit);
  return (pane) => {
    const slice = measuredOn(scene, pane);
    return here.map((measure, index) => {
      const statistics = measure.kind === 'ellipse' && slice ? statisticsOf(measure, slice) : null;
      return {
        key: String(index),
        measure,
        words: measureWords(measure, statistics, unit, words),
      };
    });
  };
}
