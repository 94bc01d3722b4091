// Serves a page that was built by `npm run build` before a running server: `node page.mjs FOLDER PORT SERVER`. The page
// can be measured beside the one in the binary, and no binary has to be built for it. A process of its own, as files.mjs.
import { readFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import path from 'node:path';

const [folder, port, server] = [path.resolve(process.argv[2]), Number(process.argv[3]), new URL(process.argv[4])];
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};
/** What the server says with every page of its own, its security policy among it. */
const headersOfPage = await new Promise((resolve, reject) => {
  ask(server, { method: 'HEAD' }, ({ headers }) => resolve(headers)).on('error', reject).end();
});
const KEPT = ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'cross-origin-opener-policy',
  'cross-origin-resource-policy'];
const policy = Object.fromEntries(KEPT.flatMap((name) => (headersOfPage[name] ? [[name, headersOfPage[name]]] : [])));

/** The file of an address; null where the server has to answer. */
async function fileOf({ method, url }) {
  const { pathname } = new URL(url, 'http://localhost');
  const isPage = path.extname(pathname) === '' && /^\/($|worklist$|read\/)/.test(pathname);
  const file = path.join(folder, isPage ? 'index.html' : path.normalize(pathname));
  if (method !== 'GET' || !file.startsWith(folder + path.sep)) return null;
  const data = await readFile(file).catch(() => null);
  return data && { data, type: TYPES[path.extname(file)] ?? 'application/octet-stream' };
}

/** The same question to the server, as if it had come there: it refuses what another origin asks. */
function passedOn({ method, url, headers }) {
  const asked = { ...headers, host: server.host };
  if (headers.origin) asked.origin = server.origin;
  return ask({ host: server.hostname, port: server.port, method, path: url, headers: asked });
}

async function answer(request, response) {
  const found = await fileOf(request);
  if (found) {
    response.writeHead(200, { ...policy, 'content-type': found.type, 'cache-control': 'no-cache' }).end(found.data);
    return;
  }
  const passed = passedOn(request);
  passed.on('response', (from) => {
    response.writeHead(from.statusCode, from.headers);
    from.pipe(response);
  });
  passed.on('error', () => response.destroy());
  request.pipe(passed);
}

/** The subscription's connection, byte by byte. */
function upgrade(request, socket) {
  const passed = passedOn(request);
  passed.on('upgrade', ({ rawHeaders }, there, head) => {
    const lines = Array.from({ length: rawHeaders.length / 2 }, (_, at) => rawHeaders.slice(2 * at, 2 * at + 2).join(': '));
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.write(head);
    there.pipe(socket).pipe(there);
    there.on('error', () => socket.destroy());
  });
  passed.on('response', () => socket.destroy());
  passed.on('error', () => socket.destroy());
  socket.on('error', () => passed.destroy());
  passed.end();
}

createServer((request, response) => void answer(request, response)).on('upgrade', upgrade).listen(port, '127.0.0.1');
