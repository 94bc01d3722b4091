/** Images as Cornerstone has them: from buffers, from colours. */
import { cache, Enums, imageLoader, metaData, utilities } from '@cornerstonejs/core';
import { wadouri } from '@cornerstonejs/dicom-image-loader';
import { utilities as metadata } from '@cornerstonejs/metadata';
import type { Values } from './difference';
import { startCornerstone } from './engines';
import type { Plane } from './geometry';
import { readSliceHeader } from './header';
import type { LoadedObject } from './load_objects';
import { putLocalImage } from './local_image';
import { inUnit } from './native';
import { excludedPixels, type Slice } from './stack';

const decodedImages: string[] = [];

/** A name that no image has had before: Cornerstone keeps more under a name than the image. */
let named = 0;
/** Received images by their names; Cornerstone is given each when it is first shown. */
const received = new Map<string, Slice>();

/** A received image as the worker read it from the bytes that it hashed; null where `decodeSlice` has to. */
export function readSlice(object: LoadedObject): Slice | null {
  const { content } = object;
  if (content.kind === 'file') return null;
  if (content.kind === 'map') throw new Error('a map came in place of an image');
  const { header, values, excluded } = content;
  checkIsAskedFor(object, header.sopInstanceUid);
  named += 1;
  const imageId = `received:${named}`;
  const slice = { plane: header.plane, values, excluded, imageId, header };
  received.set(imageId, slice);
  return slice;
}

/** Gives Cornerstone a received image that it is about to draw: hundreds arrive, and some of them are looked at. */
export function handOver(imageId: string | undefined): void {
  const slice = imageId === undefined ? undefined : received.get(imageId);
  if (!slice?.imageId || cache.getImageLoadObject(slice.imageId)) return;
  keepGreyImage(slice.imageId, slice.plane, slice.values);
}

function checkIsAskedFor(object: LoadedObject, ...found: (string | undefined)[]): void {
  if (found.some((sopInstanceUid) => sopInstanceUid !== object.sopInstanceUid)) {
    throw new Error('an image that was decoded is not the image that was asked for');
  }
}

/** Decodes a received image from the very buffer that was hashed. */
export async function decodeSlice(object: LoadedObject): Promise<Slice> {
  if (object.content.kind !== 'file') throw new Error('an image was read already');
  startCornerstone();
  const { file } = object.content;
  const header = readSliceHeader(file);
  const imageId = wadouri.fileManager.add(new File([file], object.sopInstanceUid));
  decodedImages.push(imageId);
  const image = await imageLoader.loadAndCacheImage(imageId);
  const decoded = metaData.get(Enums.MetadataModules.SOP_COMMON, imageId)?.sopInstanceUID;
  checkIsAskedFor(object, decoded, header.sopInstanceUid);
  const stored = image.getPixelData() as Values;
  const scaled = image.preScale?.scaled === true;
  const values = scaled ? stored : inUnit(stored, header.rescale);
  return { plane: header.plane, values, excluded: excludedPixels(values, header), imageId, header };
}

/** Registers an image of red, green, blue under a name; an older one of the name gives way. */
export function keepColourImage(imageId: string, plane: Plane, pixels: Uint8Array): void {
  forgetDrawn(imageId);
  putLocalImage(imageId, { plane, pixels, components: 3, lowest: 0, highest: 255 });
}

/** Registers an image of values in the unit of the series. */
export function keepGreyImage(imageId: string, plane: Plane, values: Values): void {
  forgetDrawn(imageId);
  const pixels = values instanceof Int32Array ? Float32Array.from(values) : values;
  putLocalImage(imageId, { plane, pixels, components: 1, ...rangeOf(pixels) });
}

function rangeOf(pixels: Values) {
  let lowest = pixels[0] ?? 0;
  let highest = lowest;
  for (let at = 1; at < pixels.length; at += 1) {
    const value = pixels[at] as number;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return { lowest, highest };
}

/** Forgets images that the page computed, so that what was looked at does not pile up. */
export function dropImages(imageIds: Iterable<string>): void {
  for (const imageId of imageIds) {
    received.delete(imageId);
    forgetDrawn(imageId);
  }
}

function forgetDrawn(imageId: string): void {
  if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
}

/**
 * Forgets every image: buffers of one case must not outlive it. Files are taken out one by one, so that
 * their numbers, which are the names of images, are never given again: Cornerstone keeps what it knows
 * under those names, and would show the images of the case before.
 */
export function forgetImages(): void {
  received.clear();
  for (const imageId of decodedImages.splice(0)) {
    wadouri.fileManager.remove(Number(imageId.split(':')[1]));
  }
  cache.purgeCache();
  wadouri.dataSetCacheManager.purge();
  metadata.clearCacheData();
  utilities.genericMetadataProvider.clear();
}
