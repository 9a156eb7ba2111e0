// What the scripts of the clients share: a clean home, a stand-in for the browser, and programs that are run in them.

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** `{ open, all, signIn }`, the addresses of the servers; `{ home, folder, browser, key }`, where it runs, where the packages are, and who signs in. */
export const given = JSON.parse(process.argv[2]);

const bin = join(given.home, 'bin');
mkdirSync(bin, { recursive: true });
const terminals = join(given.home, 'terminal');
const opener = join(bin, 'xdg-open');
writeFileSync(opener, `#!/bin/sh\n"${process.execPath}" "${given.browser}" "${given.key}" "$1" >>"${given.home}/browser.log" 2>&1 &\n`);
chmodSync(opener, 0o755);

/** No credentials, nothing that reports or updates, and the packages' own Node. */
export const environment = {
  PATH: [bin, join(given.folder, 'node_modules/.bin'), ...process.env.PATH.split(':')].join(':'),
  HOME: given.home, TERM: 'xterm-256color', NO_COLOR: '1', NO_PROXY: '127.0.0.1,localhost', BROWSER: opener, DO_NOT_TRACK: '1',
};
export const run = (args, options = {}) => new Promise((resolve, reject) => {
  const child = launch(args, options);
  let text = '';
  const read = (part) => { text += part; options.told?.(plain(text), child.stdin, () => stop(child)); };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.on('error', reject);
  const timer = setTimeout(() => stop(child), (options.seconds ?? 40) * 1000);
  child.on('close', (status) => {
    clearTimeout(timer);
    if (status === 0 || options.mayFail) resolve(plain(text));
    else reject(new Error(`\`${args.join(' ')}\` ended with ${status}: ${plain(text)}`));
  });
  if (!options.told) child.stdin.end();
});

/** The program in the clean home; with `terminal`, in a terminal. */
function launch(args, { terminal, env, folder = given.home }) {
  const quoted = args.map((each) => `'${each.replaceAll("'", `'\\''`)}'`).join(' ');
  const [command, ...rest] = terminal ? ['script', '-qefc', `echo $$ >'${terminals}'; stty cols 200 rows 50; exec ${quoted}`, '/dev/null'] : args;
  return spawn(command, rest, { cwd: folder, env: { ...environment, ...env } });
}

/** Ends a program, and what runs in its terminal, which is a session of its own. */
function stop(child) {
  child.kill();
  if (!existsSync(terminals)) return;
  try { process.kill(-Number(readFileSync(terminals, 'utf8')), 'SIGKILL'); } catch { /* it has ended */ }
}

/** Without colours and movements of the cursor. */
const plain = (text) => text.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, '').trim();

/** A program that speaks JSON, a message a line: `ask` sends one, and gives the first that `isAnswer` accepts. */
export function speaks(args, options = {}) {
  const child = launch(args, options);
  const waiting = new Set();
  createInterface({ input: child.stdout }).on('line', (line) => {
    let message;
    try { message = JSON.parse(line); } catch { return; }
    for (const each of waiting) if (each.isAnswer(message)) { waiting.delete(each); each.resolve(message); }
  });
  let complaints = '';
  child.stderr.on('data', (text) => { complaints += text; });
  const ended = (status) => {
    for (const each of waiting) each.reject(new Error(`\`${args.join(' ')}\` ended with ${status}: ${plain(complaints)}`));
  };
  child.on('error', (error) => ended(error.message));
  child.on('close', ended);
  const tell = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const ask = (message, isAnswer) => new Promise((resolve, reject) => { waiting.add({ isAnswer, resolve, reject }); tell(message); });
  let id = 0;
  /** For JSON-RPC. */
  const call = async (method, params = {}) => {
    const own = id += 1;
    const { result, error } = await ask({ jsonrpc: '2.0', id: own, method, params }, (message) => message.id === own && !message.method);
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  return { tell, ask, call, end: () => stop(child) };
}

/** The version of an installed package. */
export const version = (name) => JSON.parse(readFileSync(join(given.folder, 'node_modules', name, 'package.json'), 'utf8')).version;

/** Waits until `look` finds something. */
export async function until(what, look, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** The name of the app in an answer of `get_app`, which says that the call came back. */
export function app(result) {
  const text = typeof result === 'string' ? result : result?.content?.[0]?.text ?? JSON.stringify(result);
  const found = /"name":\s*"(Slack)"/.exec(text)?.[1];
  if (!found) throw new Error(`the call of \`get_app\` gave no app: ${text}`);
  return found;
}

/** The line that a script ends with. */
export function report(line) {
  console.log(JSON.stringify(line));
  process.exit(0);
}
