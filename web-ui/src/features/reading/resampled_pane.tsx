/** A plane across the slices, resampled and labelled so. */
import { useTranslation } from 'react-i18next';
import { dot, normalOf, type Plane, type Point3, planeName } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';
import { Pane } from '../../viewer/pane';
import type { Gestures } from '../../viewer/use_gestures';
import type { ResampledPane, View } from '../../viewer/view';
import { useResampledImage } from './computed_images';
import type { PaneScene } from './pane_scene';
import { madeByAi } from './pane_words';

interface ResampledPaneProps extends Omit<Gestures, 'projection'> {
  name: ResampledPane;
  scene: PaneScene;
  view: View;
  cross: Point3 | null;
  standing: string;
  marks: readonly Mark[];
}

/** A finding is drawn where its ball meets the plane. */
function meets(mark: Mark, plane: Plane, cross: Point3): boolean {
  const normal = normalOf(plane);
  const distance = Math.abs(dot(mark.centre, normal) - dot(cross, normal));
  return (
    mark.kind === 'finding' && distance <= Math.max(plane.columnSpacingMm, mark.diameterMm / 2)
  );
}

export function ResampledPaneOf(props: ResampledPaneProps) {
  const { name, scene, view, cross, standing, marks, ...gestures } = props;
  const { t } = useTranslation();
  const isAi = name.startsWith('ai');
  const stack = isAi ? scene.ai : scene.original;
  const across = name.endsWith('rows') ? 'rows' : 'columns';
  const { shown, plane } = useResampledImage(name, stack, across, cross, gestures.window);
  const what = plane ? t('room.resampled', { plane: t(`room.plane.${planeName(plane)}`) }) : '';
  const title = isAi ? standing : t('reading.pane.original');
  // Turned like the slices, but never moved with them: the plane is another one.
  const camera = { ...view.camera, rightMm: 0, downMm: 0 };
  const at = scene.original && cross ? heightLine(plane, scene, view) : null;
  return (
    <Pane
      {...gestures}
      viewportId={name}
      label={[title, what].filter(Boolean).join(' · ')}
      framed={isAi}
      camera={camera}
      onCamera={(next) => gestures.onCamera({ ...view.camera, zoom: next.zoom })}
      plane={plane}
      shown={shown && view.inverted ? { ...shown, inverted: true } : shown}
      marks={plane && cross ? marks.filter((mark) => meets(mark, plane, cross)) : []}
      lines={at ? [at] : []}
      absent={stack ? t('room.noBlock') : t('reading.paneLoading')}
      topLeft={
        isAi ? (
          madeByAi(standing, what)
        ) : (
          <>
            <strong>{title}</strong>
            <span>{what}</span>
          </>
        )
      }
      topRight={null}
      bottomLeft={null}
      bottomRight={null}
    />
  );
}

/** The line in which the slice that is shown cuts the plane. */
function heightLine(plane: Plane | null, scene: PaneScene, view: View) {
  const normal = scene.original?.normal;
  if (!plane || !normal) return null;
  const offset = view.positionMm - dot(plane.origin, normal);
  const start = plane.origin.map((mm, axis) => mm + offset * (normal[axis] ?? 0)) as Point3;
  const length = plane.columns * plane.columnSpacingMm;
  const end = start.map((mm, axis) => mm + length * (plane.row[axis] ?? 0)) as Point3;
  return [start, end] as const;
}
