// Runs clients that nobody here wrote; `tests/clients/run` explains it.   run.mjs --program FILE [--write] [NAME…]

import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KEY, servers, stop } from './servers.mjs';

const SECONDS = 120;
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const page = join(root, 'docs/reference/clients.md');
const installed = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'clients/others');

const { values: { program, write }, positionals: names } = parseArgs({
  options: { program: { type: 'string' }, write: { type: 'boolean' } }, allowPositionals: true,
});

/** The scripts: one for each client, in the folder of the packages that it needs. */
const clients = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  .flatMap(({ name: group }) => readdirSync(join(here, group)).filter((file) => ['.mjs', '.py'].includes(extname(file)))
    .map((file) => ({ group, file, name: basename(file, extname(file)) })));
const unknown = names.filter((name) => !clients.some((client) => client.name === name));
if (unknown.length > 0) {
  console.error(`there is no client ${unknown.map((name) => `\`${name}\``).join(', ')}; there are ${clients.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

/** Runs the script of a client: its last line, or an error with all that it said. */
function ask({ group, file }, given, home) {
  const own = join(home, 'script');
  const folder = join(installed, group);
  const env = { PATH: process.env.PATH, HOME: home, NO_PROXY: '127.0.0.1,localhost', PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: here };
  let command = [join(folder, 'venv/bin/python'), '-P', join(here, group, file)];
  if (extname(file) === '.mjs') {
    // beside the packages that it imports
    const beside = join(folder, `script-of-${basename(file, '.mjs')}`);
    mkdirSync(beside, { recursive: true });
    for (const each of ['program.mjs', 'provider.mjs', '../user.mjs', join(group, file)]) copyFileSync(join(here, each), join(beside, basename(each)));
    command = [join(installed, 'programs/node_modules/node/bin/node'), join(beside, file)];
    env.PATH = `${dirname(command[0])}:${env.PATH}`;
  }
  mkdirSync(own, { recursive: true });
  const child = spawn(command[0], [...command.slice(1), JSON.stringify({ ...given, home, folder })], { cwd: own, env, detached: true });
  return new Promise((resolve, reject) => {
    let [said, complaints] = ['', ''];
    child.stdout.on('data', (text) => { said += text; });
    child.stderr.on('data', (text) => { complaints += text; });
    // with everything that the script started
    const end = () => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ } };
    const timer = setTimeout(() => { complaints += `\nit took longer than ${SECONDS} s`; end(); }, SECONDS * 1000);
    child.on('error', reject);
    child.on('exit', end);
    child.on('close', (status) => {
      clearTimeout(timer);
      try {
        if (status !== 0) throw new Error(`it ended with ${status}`);
        resolve(JSON.parse(said.trim().split('\n').at(-1)));
      } catch (error) {
        const log = join(home, 'browser.log');
        reject(new Error(`${error.message}: ${said}${complaints}${existsSync(log) ? readFileSync(log, 'utf8') : ''}`));
      }
    });
  });
}

/** What has arrived at a server, of one client. */
function arrived(requests) {
  const good = (method) => requests.filter((each) => each.method === method && each.status === 200 && each.result && !each.result.isError);
  return {
    revisions: [...new Set(requests.filter(({ status, result }) => status < 300 && result).map(({ revision }) => revision).filter(Boolean))],
    lists: good('tools/list').length > 0,
    calls: good('tools/call').length > 0,
  };
}

/** Runs one client; its line, checked against what has arrived. */
async function one(client) {
  const home = mkdtempSync(join(tmpdir(), 'client-'));
  try {
    const at = await servers(program, join(home, 'servers'));
    const addresses = { open: at.open.url, all: at.all.url, list: at.all.unrecorded, signIn: at.signIn.url };
    const given = { ...addresses, key: KEY, user: join(here, '../user.mjs'), browser: join(here, 'browser.mjs') };
    const line = await ask(client, given, join(home, 'home'));
    const seen = { open: arrived([...at.open.requests, ...at.all.requests]), signIn: arrived(at.signIn.requests) };
    for (const [what, said, saw] of [['listed its tools', line.lists ?? true, seen.open.lists || seen.signIn.lists],
      ['called a tool', line.call === 'yes', seen.open.calls || seen.signIn.calls],
      ['listed the tools after the sign-in', line.sign_in === 'yes' && (line.lists ?? true), seen.signIn.lists]]) {
      if (said && !saw) throw new Error(`it says that it ${what}, and no such request arrived`);
    }
    const protocol = [...new Set([...seen.open.revisions, ...seen.signIn.revisions])].sort().join(', ');
    return { client: line.client, version: line.version, protocol, transport: 'http', ...line };
  } finally {
    stop();
    // what was ended may still write for a moment
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** The table of the documentation. */
function table(lines) {
  const cell = (text) => String(text).replaceAll('|', '\\|') || '–';
  const rows = lines.map(({ client, version, protocol, transport, tools, call, sign_in: signIn, notes }) =>
    `| ${[client, version, transport === 'http' ? protocol : `${protocol}, ${transport}`, tools, call, signIn, notes ?? ''].map(cell).join(' | ')} |`);
  const head = '| client | version | protocol revision | tools it lists | calls | signs in | what to know |';
  return [head, '| --- | --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const lines = [];
const failed = [];
for (const client of clients.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const began = Date.now();
  try {
    const line = await one(client);
    lines.push(line);
    console.log(`ok      ${client.name} (${((Date.now() - began) / 1000).toFixed(1)} s): ${JSON.stringify(line)}`);
  } catch (error) {
    failed.push(client.name);
    console.log(`FAILED  ${client.name} (${((Date.now() - began) / 1000).toFixed(1)} s): ${error.message}`);
  }
}
lines.sort((a, b) => a.client.localeCompare(b.client, 'en'));
if (names.length === 0 || lines.length > 1) console.log(`\n${table(lines)}\n`);
if (write && failed.length === 0 && names.length === 0) {
  const [before, after] = ['<!-- table: written by tests/clients/run --write -->', '<!-- end of the table -->'];
  const text = readFileSync(page, 'utf8');
  const [start, end] = [text.indexOf(before) + before.length, text.indexOf(after)];
  writeFileSync(page, `${text.slice(0, start)}\n${table(lines)}\n${text.slice(end)}`);
} else if (write) {
  console.log('The table is not written: that needs all clients, without a failure.');
}
console.log(`${lines.length} passed, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`);
process.exit(failed.length === 0 ? 0 : 1);
