/**
 * An image of Cornerstone's from values at hand. Its own function for that looks for the smallest and the largest of them,
 * which for colours takes longer than to make them: here whoever has the values says.
 */
import { cache, Enums, type Types, utilities } from '@cornerstonejs/core';
import type { Plane } from './geometry';

export interface LocalImage {
  plane: Plane;
  pixels: Types.PixelDataTypedArray;
  /** 1 for grey, 3 for red, green, blue. */
  components: 1 | 3;
  lowest: number;
  highest: number;
}

function describe(imageId: string, { plane, pixels, components }: LocalImage): void {
  const { rows, columns, rowSpacingMm, columnSpacingMm } = plane;
  const bits = 8 * pixels.BYTES_PER_ELEMENT;
  const {
    GENERAL_SERIES,
    IMAGE_PLANE: planeModule,
    IMAGE_PIXEL: pixelModule,
  } = Enums.MetadataModules;
  const add = (type: string, metadata: object) =>
    utilities.genericMetadataProvider.add(imageId, { type, metadata });
  add(GENERAL_SERIES, { modality: 'OT' });
  add(planeModule, {
    rows,
    columns,
    imageOrientationPatient: [...plane.row, ...plane.column],
    rowCosines: plane.row,
    columnCosines: plane.column,
    imagePositionPatient: plane.origin,
    pixelSpacing: [rowSpacingMm, columnSpacingMm],
    rowPixelSpacing: rowSpacingMm,
    columnPixelSpacing: columnSpacingMm,
  });
  add(pixelModule, {
    samplesPerPixel: components,
    photometricInterpretation: components === 3 ? 'RGB' : 'MONOCHROME2',
    rows,
    columns,
    bitsAllocated: bits,
    bitsStored: bits,
    highBit: bits - 1,
  });
}

/** Puts the image into Cornerstone's cache. */
export function putLocalImage(imageId: string, image: LocalImage): void {
  const { plane, pixels, components, lowest, highest } = image;
  const { rows, columns } = plane;
  describe(imageId, image);
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: columns,
    height: rows,
    scalarData: pixels,
    numberOfComponents: components,
    id: imageId,
  }) as Types.IVoxelManager<number>;
  const made: Partial<Types.IImage> = {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing: plane.rowSpacingMm,
    columnPixelSpacing: plane.columnSpacingMm,
    slope: 1,
    intercept: 0,
    minPixelValue: lowest,
    maxPixelValue: highest,
    // Every pane has a window of its own; without one Cornerstone would begin with an inverted scale.
    windowCenter: (lowest + highest) / 2,
    windowWidth: Math.max(1, highest - lowest),
    color: components === 3,
    numberOfComponents: components,
    rgba: false,
    invert: false,
    voxelManager,
    getPixelData: () => voxelManager.getScalarData(),
    sizeInBytes: pixels.byteLength,
  };
  // Complete as Cornerstone makes it: what is missing is what only its loaders fill in.
  cache.putImageSync(imageId, made as Types.IImage);
}
