/** What a file holds, read beside the page from the very bytes that are hashed. */
import type { Values } from './difference';
import { type MapFrame, mapFramesOf } from './float_map';
import { openFile, type SliceHeader, sliceHeaderOf } from './header';
import { inUnit, nativePixels } from './native';
import { excludedPixels } from './stack';

export type ObjectContent =
  | { kind: 'slice'; header: SliceHeader; values: Values; excluded: Uint8Array | null }
  | { kind: 'map'; frames: MapFrame[] }
  /** Compressed, or of a kind that only Cornerstone's decoders know. */
  | { kind: 'file'; file: ArrayBuffer };

/**
 * Reads an instance.
 *
 * @throws Error when it can't be shown with its right values.
 */
export function readObject(file: ArrayBuffer): ObjectContent {
  const dataSet = openFile(file);
  if (dataSet.elements.x7fe00008) return { kind: 'map', frames: mapFramesOf(dataSet) };
  const stored = nativePixels(dataSet);
  if (!stored) return { kind: 'file', file };
  const header = sliceHeaderOf(dataSet);
  const values = inUnit(stored, header.rescale);
  return { kind: 'slice', header, values, excluded: excludedPixels(values, header) };
}

/** The buffers of what was read, each once: they are handed over and not copied. */
export function buffersOf(content: ObjectContent): ArrayBuffer[] {
  switch (content.kind) {
    case 'slice':
      return [content.values, content.excluded].flatMap((part) => (part ? bufferOf(part) : []));
    case 'map':
      return [...new Set(content.frames.map(({ values }) => bufferOf(values)))];
    case 'file':
      return [content.file];
    default:
      return content satisfies never;
  }
}

/** Nothing here is shared with another thread. */
const bufferOf = ({ buffer }: ArrayBufferView): ArrayBuffer => buffer as ArrayBuffer;
