/** How a region of each kind is marked over the image and in the list: more than by its colour; pure. */
import type { Region, RegionKind } from '../../api/types';
import type { Point3 } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';

/** Beside the number; a wide interval, the usual kind, has none. */
export const KIND_LETTER: Record<RegionKind, string> = {
  WIDTH: '',
  STRUCTURE: 'S',
  DISAGREEMENT: 'D',
  TEST: 'T',
};

/** The ring over the image; each kind has dashes of its own in `pane.css`. */
export const markOfRegion = (region: Region, current: boolean): Mark => ({
  key: `region ${region.index}`,
  kind: 'region',
  regionKind: region.kind,
  label: `${region.index + 1}${KIND_LETTER[region.kind]}`,
  centre: region.centreMm as Point3,
  diameterMm: region.diameterMm,
  current,
});
