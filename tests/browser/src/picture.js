/** Pictures for the documentation: screenshots with at most 256 colours, so that they stay small. */
import { writeFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';

const COLOURS_MAX = 256;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** A chunk of a PNG file. Source: PNG (third edition) 5.3. */
function chunk(type, content) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const file = Buffer.alloc(named.length + 8);
  file.writeUInt32BE(content.length, 0);
  named.copy(file, 4);
  file.writeUInt32BE(crc(named), named.length + 4);
  return file;
}

/** Red, green and blue of a screenshot, decoded by the browser that took it. */
async function pixelsOf(page, png) {
  const { width, height, rgb } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const parts = [];
    for (let at = 0; at < data.length; at += 4) parts.push(data[at], data[at + 1], data[at + 2]);
    let text = '';
    for (let at = 0; at < parts.length; at += 8192)
      text += String.fromCharCode(...parts.slice(at, at + 8192));
    return { width: bitmap.width, height: bitmap.height, rgb: btoa(text) };
  }, png.toString('base64'));
  return { width, height, rgb: Buffer.from(rgb, 'base64') };
}

const CHANNELS = [16, 8, 0];
const channelOf = (colour, shift) => (colour >> shift) & 255;

/** The widest channel of some colours, and how wide it is. */
function spread(colours) {
  const widths = CHANNELS.map((shift) => {
    const values = colours.map(([colour]) => channelOf(colour, shift));
    return { shift, width: Math.max(...values) - Math.min(...values) };
  });
  return widths.reduce((widest, next) => (next.width > widest.width ? next : widest));
}

const pixelsIn = (colours) => colours.reduce((sum, [, count]) => sum + count, 0);

/** A group of colours, and how much is to be gained by halving it: wide groups with many pixels first. */
function group(colours) {
  const { shift, width } = spread(colours);
  return { colours, shift, gain: width * Math.sqrt(pixelsIn(colours)) };
}

/** Halves a group where half of its pixels lie. */
function halved({ colours, shift }) {
  colours.sort(([a], [b]) => channelOf(a, shift) - channelOf(b, shift));
  const half = pixelsIn(colours) / 2;
  let at = 0;
  for (let passed = 0; at < colours.length - 1 && passed < half; at += 1) passed += colours[at][1];
  const middle = Math.max(1, Math.min(colours.length - 1, at));
  return [group(colours.slice(0, middle)), group(colours.slice(middle))];
}

/** Groups colours by median cut. Source: Heckbert, SIGGRAPH 1982. */
function groupsOf(counted) {
  const groups = [group(counted)];
  while (groups.length < COLOURS_MAX) {
    groups.sort((a, b) => b.gain - a.gain);
    if (groups[0].gain === 0) break;
    groups.push(...halved(groups.shift()));
  }
  return groups.map(({ colours }) => colours);
}

/** A PNG with a palette. Source: PNG (third edition) 11.2. */
function indexedPng({ width, height, rgb }) {
  const counts = new Map();
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = rgb.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const groups = groupsOf([...counts]);
  const palette = Buffer.alloc(groups.length * 3);
  const place = new Map();
  groups.forEach((colours, index) => {
    const total = pixelsIn(colours);
    CHANNELS.forEach((shift, channel) => {
      const sum = colours.reduce((part, [colour, count]) => part + channelOf(colour, shift) * count, 0);
      palette[index * 3 + channel] = Math.round(sum / total);
    });
    for (const [colour] of colours) place.set(colour, index);
  });
  const rows = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      rows[row * (width + 1) + 1 + column] = place.get(rgb.readUIntBE((row * width + column) * 3, 3));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Keeps what the page shows as a small picture. */
export async function keepPicture(page, file) {
  await writeFile(file, indexedPng(await pixelsOf(page, await page.screenshot({ animations: 'disabled' }))));
}
