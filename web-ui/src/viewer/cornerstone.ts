/** The one place that knows Cornerstone: start, images from buffers, images from colours. */
import {
  RenderingEngine,
  cache,
  init as startCore,
  imageLoader,
  metaData,
  utilities,
} from '@cornerstonejs/core';
import { init as startLoader, wadouri } from '@cornerstonejs/dicom-image-loader';
import type { Plane } from './geometry';
import type { LoadedObject } from './load_objects';
import { readSliceHeader } from './header';
import { type Slice, excludedPixels } from './stack';
import type { Values } from './difference';

let engine: RenderingEngine | null = null;

/** Starts Cornerstone once and gives its rendering engine. */
export function renderingEngine(): RenderingEngine {
  if (engine) return engine;
  startCore();
  startLoader({ maxWebWorkers: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)) });
  // Behind the loader's own provider: answers for the images that the page computes.
  metaData.addProvider(utilities.genericMetadataProvider.get, 1);
  engine = new RenderingEngine('countersign');
  return engine;
}

/** Decodes a received image from the very buffer that was hashed. */
export async function decodeSlice(object: LoadedObject): Promise<Slice> {
  renderingEngine();
  const header = readSliceHeader(object.file);
  const imageId = wadouri.fileManager.add(new File([object.file], object.sopInstanceUid));
  const image = await imageLoader.loadAndCacheImage(imageId, { preScale: { enabled: true } });
  const stored = image.getPixelData() as Values;
  const scaled = image.preScale?.scaled === true;
  const values = scaled ? stored : rescaled(stored, header.rescale.slope, header.rescale.intercept);
  return { plane: header.plane, values, excluded: excludedPixels(values, header), imageId, header };
}

function rescaled(stored: Values, slope: number, intercept: number): Values {
  if (slope === 1 && intercept === 0) return stored;
  const values = new Float32Array(stored.length);
  for (let index = 0; index < values.length; index += 1) {
    values[index] = (stored[index] ?? 0) * slope + intercept;
  }
  return values;
}

/** Registers an image of red, green, blue that the page computed; an older one of the name gives way. */
export function keepColourImage(imageId: string, plane: Plane, pixels: Uint8Array): void {
  if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
  const image = imageLoader.createAndCacheLocalImage(imageId, {
    scalarData: pixels,
    dimensions: [plane.columns, plane.rows],
    spacing: [plane.columnSpacingMm, plane.rowSpacingMm],
    origin: plane.origin,
    direction: [...plane.row, ...plane.column] as never,
  });
  image.color = true;
  image.numberOfComponents = 3;
  image.rgba = false;
  image.windowCenter = 127.5;
  image.windowWidth = 255;
}

/** Forgets every image: buffers of one case must not outlive it. */
export function forgetImages(): void {
  cache.purgeCache();
  wadouri.dataSetCacheManager.purge();
  wadouri.fileManager.purge();
}
