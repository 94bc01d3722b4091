/** How a slice lies on its pane, in CSS pixels: the same arithmetic for the image, the marks and the mouse. */
import { along, centreOf, dot, normalOf, type Plane, type Point3 } from './geometry';
import type { Camera } from './view';

/** How far before the slice the camera stands; a parallel projection doesn't care. */
const DISTANCE_MM = 500;

/** Size of a pane, CSS pixels. */
export interface PaneSize {
  width: number;
  height: number;
}

export interface Projection {
  /** The patient point in the middle of the pane. */
  focalPoint: Point3;
  pixelsPerMm: number;
  /** Half the pane's height, mm: what Cornerstone calls the parallel scale. */
  halfHeightMm: number;
  size: PaneSize;
  plane: Plane;
}

/** Fits the slice into the pane, then applies zoom and pan. */
export function projectionOf(plane: Plane, size: PaneSize, camera: Camera): Projection {
  const heightMm = plane.rows * plane.rowSpacingMm;
  const widthMm = plane.columns * plane.columnSpacingMm;
  const aspect = size.height / Math.max(1, size.width);
  const halfHeightMm = Math.max(heightMm, widthMm * aspect) / 2 / camera.zoom;
  const right = along(centreOf(plane), plane.row, camera.rightMm);
  return {
    focalPoint: along(right, plane.column, camera.downMm),
    pixelsPerMm: size.height / (2 * halfHeightMm),
    halfHeightMm,
    size,
    plane,
  };
}

/** Where a patient point lies on the pane. */
export function toPane(projection: Projection, point: Point3): [number, number] {
  const { focalPoint, plane, pixelsPerMm, size } = projection;
  const offset: Point3 = [
    point[0] - focalPoint[0],
    point[1] - focalPoint[1],
    point[2] - focalPoint[2],
  ];
  return [
    size.width / 2 + dot(offset, plane.row) * pixelsPerMm,
    size.height / 2 + dot(offset, plane.column) * pixelsPerMm,
  ];
}

/** The patient point, in the slice, under a place on the pane. */
export function toPatient(projection: Projection, x: number, y: number): Point3 {
  const { focalPoint, plane, pixelsPerMm, size } = projection;
  const right = along(focalPoint, plane.row, (x - size.width / 2) / pixelsPerMm);
  return along(right, plane.column, (y - size.height / 2) / pixelsPerMm);
}

/** The camera that makes Cornerstone draw the slice in exactly this place. */
export function cornerstoneCamera(projection: Projection) {
  const { focalPoint, halfHeightMm, plane } = projection;
  const normal = normalOf(plane);
  return {
    parallelProjection: true,
    parallelScale: halfHeightMm,
    focalPoint,
    position: along(focalPoint, normal, -DISTANCE_MM),
    // Stated each time: a change within the plane alone leaves Cornerstone's range where it was.
    clippingRange: [1, 2 * DISTANCE_MM] as [number, number],
    viewPlaneNormal: [-normal[0], -normal[1], -normal[2]] as Point3,
    viewUp: [-plane.column[0], -plane.column[1], -plane.column[2]] as Point3,
  };
}
