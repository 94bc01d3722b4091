/** How a slice lies on its pane, in CSS pixels: the same arithmetic for the image, the marks and the mouse. */
import { along, centreOf, cross, dot, onto, type Plane, type Point3 } from './geometry';
import type { Camera, Direction } from './view';

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
  /** What lies to the right on the screen, in patient coordinates. */
  right: Point3;
  /** What lies below on the screen, in patient coordinates. */
  down: Point3;
}

const directionOf = (plane: Plane, [row, column]: Direction): Point3 =>
  plane.row.map(
    (value, axis) => value * row + (plane.column[axis] ?? 0) * column,
  ) as unknown as Point3;

/**
 * Fits a frame into the pane, which is the slice itself unless another one says so, then applies turn, zoom and pan: with the
 * frame of a neighbour two slices of other sizes stand side by side in one scale.
 */
export function projectionOf(
  plane: Plane,
  size: PaneSize,
  camera: Camera,
  frame: Plane = plane,
): Projection {
  const { turn } = camera;
  const extents = [frame.rows * frame.rowSpacingMm, frame.columns * frame.columnSpacingMm] as const;
  const upright = turn.right[0] !== 0;
  const [heightMm, widthMm] = upright ? extents : [extents[1], extents[0]];
  const aspect = size.height / Math.max(1, size.width);
  const halfHeightMm = Math.max(heightMm, widthMm * aspect) / 2 / camera.zoom;
  const right = along(centreOf(frame), frame.row, camera.rightMm);
  return {
    focalPoint: onto(along(right, frame.column, camera.downMm), plane),
    pixelsPerMm: size.height / (2 * halfHeightMm),
    halfHeightMm,
    size,
    plane,
    right: directionOf(plane, turn.right),
    down: directionOf(plane, turn.down),
  };
}

/** How many pixels of the screen show one of the image, along the coarser direction. */
export function screenPixelsPerPixel({ pixelsPerMm, plane }: Projection, density: number): number {
  return pixelsPerMm * density * Math.min(plane.columnSpacingMm, plane.rowSpacingMm);
}

/** The camera at which a point lies in the middle and each pixel of the image has at least one of the screen. */
export function closeUp(projection: Projection, camera: Camera, point: Point3, density: number) {
  const { plane } = projection;
  const centre = centreOf(plane);
  const offset = point.map((value, axis) => value - (centre[axis] ?? 0)) as unknown as Point3;
  const scale = screenPixelsPerPixel(projection, density);
  return {
    ...camera,
    // A little more than one to one, so that rounding never leaves it just below.
    zoom: scale >= 1 ? camera.zoom : (camera.zoom * 1.02) / scale,
    rightMm: dot(offset, plane.row),
    downMm: dot(offset, plane.column),
  };
}

/** The camera at which each pixel of the image has exactly one of the screen, at the same place. */
export function fullSize(projection: Projection, camera: Camera, density: number): Camera {
  return { ...camera, zoom: (camera.zoom * 1.0001) / screenPixelsPerPixel(projection, density) };
}

/** Where a patient point lies on the pane. */
export function toPane(projection: Projection, point: Point3): [number, number] {
  const { focalPoint, right, down, pixelsPerMm, size } = projection;
  const offset: Point3 = [
    point[0] - focalPoint[0],
    point[1] - focalPoint[1],
    point[2] - focalPoint[2],
  ];
  return [
    size.width / 2 + dot(offset, right) * pixelsPerMm,
    size.height / 2 + dot(offset, down) * pixelsPerMm,
  ];
}

/** The patient point, in the slice, under a place on the pane. */
export function toPatient(projection: Projection, x: number, y: number): Point3 {
  const { focalPoint, right, down, pixelsPerMm, size } = projection;
  const across = along(focalPoint, right, (x - size.width / 2) / pixelsPerMm);
  return along(across, down, (y - size.height / 2) / pixelsPerMm);
}

/** The camera that makes Cornerstone draw the slice in exactly this place. */
export function cornerstoneCamera(projection: Projection) {
  const { focalPoint, halfHeightMm, right, down } = projection;
  // Seen from behind, the slice is mirrored: the camera's side follows from what lies to the right and below.
  const normal = cross(right, down);
  return {
    parallelProjection: true,
    parallelScale: halfHeightMm,
    focalPoint,
    position: along(focalPoint, normal, -DISTANCE_MM),
    // Stated each time: a change within the plane alone leaves Cornerstone's range where it was.
    clippingRange: [1, 2 * DISTANCE_MM] as [number, number],
    viewPlaneNormal: [-normal[0], -normal[1], -normal[2]] as Point3,
    viewUp: [-down[0], -down[1], -down[2]] as Point3,
  };
}
