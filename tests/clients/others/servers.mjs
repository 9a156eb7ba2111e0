// The servers that the clients of this folder connect to: a sample Torii, and torii-mcp without and with sign-in. A recorder stands in
// front of both, so that what a client did is known from the requests that arrived, whatever the client says.

import { createServer, request } from 'node:http';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../program.mjs';

export const KEY = 'sample-full-access';
const running = [];

/** Ends what was started, and nothing else. */
export function stop() {
  for (const end of running.splice(0)) end();
}

/** Runs the program until `stop`; what `address` finds first in its output. */
async function run(program, args, variables, address) {
  const started = await start(program, args, variables, address);
  running.push(started.end);
  return started.address;
}

/** One request to `/mcp`, as it was read and answered. */
function note(into, sent, headers, answer) {
  let message;
  try { message = JSON.parse(sent); } catch { return; }
  const data = answer.text.split('\n').filter((line) => line.startsWith('data: {')).map((line) => line.slice(6));
  const results = [answer.text, ...data].flatMap((text) => { try { return [JSON.parse(text).result]; } catch { return []; } });
  const result = results.findLast((each) => each);
  const revision = result?.protocolVersion ?? headers['mcp-protocol-version'];
  into.push({ method: message.method, status: answer.status, revision, result, name: message.params?.clientInfo?.name });
}

/** Passes everything on to the address that `target` gives, and keeps what was sent to `/mcp`. */
function recorder(target) {
  const requests = [];
  const server = createServer((incoming, outgoing) => {
    const sent = [];
    incoming.on('data', (part) => sent.push(part));
    incoming.on('end', () => {
      const { hostname, port } = new URL(target.address);
      const options = { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers };
      const onward = request(options, (answered) => {
        const parts = [];
        outgoing.writeHead(answered.statusCode, answered.headers);
        answered.on('data', (part) => { parts.push(part); outgoing.write(part); });
        answered.on('end', () => {
          const answer = { status: answered.statusCode, text: Buffer.concat(parts).toString() };
          if (incoming.url.startsWith('/mcp')) note(requests, Buffer.concat(sent).toString(), incoming.headers, answer);
          outgoing.end();
        });
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      onward.end(Buffer.concat(sent));
    });
  });
  running.push(() => { server.close(); server.closeAllConnections(); });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ origin: `http://127.0.0.1:${server.address().port}`, requests }));
  });
}

/** Starts all of it; the addresses, and the requests that arrive at the two servers. */
export async function servers(program, folder) {
  const listen = ['--listen', '127.0.0.1:0'];
  const torii = await run(program, ['sample', ...listen], {}, /(http:\/\/\S+?)\/v1\.0\s/);
  const server = async (name, variables) => {
    const target = {};
    const { origin, requests } = await recorder(target);
    const data = join(folder, name);
    mkdirSync(data, { recursive: true });
    const settings = { TORII_API_URL: torii, TORII_MCP_DATA_DIR: data, ...variables(origin) };
    target.address = await run(program, ['serve', ...listen], settings, /listen=(\S+)/).then((address) => `http://${address}`);
    return { url: `${origin}/mcp`, unrecorded: `${target.address}/mcp`, requests };
  };
  const open = { TORII_API_KEY: KEY, TORII_MCP_AUTH_MODE: 'none' };
  return {
    open: await server('open', () => open),
    all: await server('all', () => ({ ...open, TORII_MCP_TOOLS_LISTING: 'all' })),
    signIn: await server('sign-in', (origin) => ({ TORII_MCP_PUBLIC_URL: origin })),
  };
}
