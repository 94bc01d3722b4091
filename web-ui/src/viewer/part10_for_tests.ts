/** Writes small DICOM files (Explicit VR Little Endian) for tests. */

export type Element = Uint8Array;

const LONG_FORM = new Set(['OB', 'OF', 'OW', 'SQ']);

function element(group: number, number: number, vr: string, value: Uint8Array): Element {
  const header = LONG_FORM.has(vr) ? 12 : 8;
  const bytes = new Uint8Array(header + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, group, true);
  view.setUint16(2, number, true);
  bytes.set(new TextEncoder().encode(vr), 4);
  if (header === 12) view.setUint32(8, value.length, true);
  else view.setUint16(6, value.length, true);
  bytes.set(value, header);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function text(group: number, number: number, vr: string, value: string): Element {
  const padding = vr === 'UI' ? '\0' : ' ';
  const even = value.length % 2 === 0 ? value : value + padding;
  return element(group, number, vr, new TextEncoder().encode(even));
}

export function uint16(group: number, number: number, value: number): Element {
  return element(group, number, 'US', new Uint8Array(Uint16Array.of(value).buffer));
}

export function double(group: number, number: number, value: number): Element {
  return element(group, number, 'FD', new Uint8Array(Float64Array.of(value).buffer));
}

export function floats(group: number, number: number, values: readonly number[]): Element {
  return element(group, number, 'OF', new Uint8Array(Float32Array.from(values).buffer));
}

export function words(group: number, number: number, values: readonly number[]): Element {
  return element(group, number, 'OW', new Uint8Array(Uint16Array.from(values).buffer));
}

export function item(elements: readonly Element[]): Uint8Array {
  const content = joined(elements);
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0xfffe, true);
  view.setUint16(2, 0xe000, true);
  view.setUint32(4, content.length, true);
  return joined([header, content]);
}

export function sequence(group: number, number: number, items: readonly Uint8Array[]): Element {
  return element(group, number, 'SQ', joined(items));
}

/** A Part 10 file; elements come in the order of their tags. */
export function dicomFile(elements: readonly Element[]): ArrayBuffer {
  const meta = text(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1');
  const length = element(0x0002, 0x0000, 'UL', new Uint8Array(Uint32Array.of(meta.length).buffer));
  const start = new Uint8Array(132);
  start.set(new TextEncoder().encode('DICM'), 128);
  return joined([start, length, meta, ...elements]).buffer as ArrayBuffer;
}
