/** The programs of the story: the binary under test, and dcmtk beside it. */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ended, until } from './until.js';

export const runProgram = promisify(execFile);

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const STARTS_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 30_000;

/** Below the ports that the system gives to outgoing connections, which could take one before its server has started. */
const PORTS = { first: 20_000, count: 12_000 };
let given = 0;

/** A TCP port of loopback that nobody has, and that no other story beside this one is given. */
export async function freePort() {
  for (;;) {
    const port = PORTS.first + ((process.pid * 97 + given++) % PORTS.count);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

const running = new Set();
// Whatever happens to the story, no program outlives it.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program from the top of the repository and keeps what it says. */
function start(program, parameters) {
  const child = spawn(program, parameters, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => said.push(text));
  }
  let fault = null;
  child.once('error', (error) => {
    fault = error;
  });
  const ended = new Promise((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return {
    output: () => said.join(''),
    /** Throws when the program has ended by itself. */
    checkAlive: () => {
      if (fault) throw new Ended(`${program} can't be started`, { cause: fault });
      if (child.exitCode !== null) throw new Ended(`${program} ended: ${said.join('')}`);
    },
    /** Asks the program to end; gives its exit status. */
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
  };
}

/** The binary under test: `COUNTERSIGN_BIN`, else what `cargo build` leaves in the repository. */
function binary() {
  const named = process.env.COUNTERSIGN_BIN;
  const found = named ? path.resolve(REPOSITORY, named) : path.join(REPOSITORY, 'target/debug/countersign');
  if (!existsSync(found)) {
    throw new Error(`${found} is not there: build it with "cargo build --bin countersign"`);
  }
  return found;
}

/**
 * Starts the demo with a data folder of its own.
 *
 * @param {string} data Where its data go.
 * @param {{ aeTitle: string, port: number }} pacs Where released objects go.
 */
export async function startDemo(data, pacs) {
  const [httpPort, dicomPort] = [await freePort(), await freePort()];
  const program = binary();
  const server = start(program, [
    ...['serve', '--demo', '--data', data],
    ...['--http', `127.0.0.1:${httpPort}`, '--dicom', `127.0.0.1:${dicomPort}`],
    ...['--destination', `${pacs.aeTitle}@127.0.0.1:${pacs.port}`],
  ]);
  const address = `http://127.0.0.1:${httpPort}`;
  const ready = async () => {
    server.checkAlive();
    return (await fetch(`${address}/readyz`)).ok;
  };
  await until('the server is ready', ready, STARTS_WITHIN_MS);
  const accounts = JSON.parse(await readFile(path.join(data, 'demo-accounts.json'), 'utf8'));
  return {
    ...server,
    binary: program,
    address,
    dicomPort,
    passwordOf: (username) => accounts.find((account) => account.username === username).password,
  };
}

/** Starts dcmtk's storescp as the receiving PACS. */
export async function startPacs(folder) {
  await mkdir(folder, { recursive: true });
  const pacs = { aeTitle: 'STORYPACS', port: await freePort() };
  const receiver = start('storescp', [
    ...['--aetitle', pacs.aeTitle, '--output-directory', folder],
    ...['--unique-filenames', '--promiscuous', String(pacs.port)],
  ]);
  const listening = async () => {
    receiver.checkAlive();
    await runProgram('echoscu', ['-aec', pacs.aeTitle, '127.0.0.1', String(pacs.port)]);
    return true;
  };
  await until('the receiving PACS answers', listening);
  return { ...pacs, stop: receiver.stop, files: async () => (await readdir(folder)).sort() };
}
