// The program, started for a test of clients.

import { spawn } from 'node:child_process';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Runs the program until `end` or the end of this process; `address` is what the pattern finds first in its output. */
export async function start(program, args, variables, address) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  const end = async () => {
    // it has nothing to finish
    child.kill('SIGKILL');
    await ended;
    running.delete(child);
  };
  const found = await new Promise((resolve, reject) => {
    let said = '';
    const read = (text) => {
      said += text;
      const match = address.exec(said);
      if (match) resolve(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', () => reject(new Error(`\`${args.join(' ')}\` ended: ${said}`)));
  });
  return { address: found, end };
}
