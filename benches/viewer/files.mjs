// Serves a folder, as it lies there: `node files.mjs FOLDER PORT`. A process of its own, so that no page waits for the
// program that measures it.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

const [folder, port] = [path.resolve(process.argv[2]), Number(process.argv[3])];
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.dcm': 'application/dicom',
};

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = path.join(folder, pathname === '/' ? 'index.html' : path.normalize(pathname));
  const found = file.startsWith(folder + path.sep) && (await stat(file).catch(() => null));
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    // As the reading room's: what was fetched once must come over the wire again.
    'cache-control': file.endsWith('.dcm') ? 'no-store' : 'no-cache',
  });
  createReadStream(file, { highWaterMark: 2 ** 20 }).pipe(response);
}

createServer((request, response) => void answer(request, response)).listen(port, '127.0.0.1');
