// Codex: `codex mcp add`, which signs in by itself, and `codex mcp login`. Its app server lists and calls tools without a model.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, given, report, run, speaks, version } from './program.mjs';

const env = { CODEX_HOME: join(given.home, '.codex') };
mkdirSync(env.CODEX_HOME);
const codex = (...args) => run(['codex', 'mcp', ...args], { env });

await codex('add', 'torii', '--url', given.open);
const added = await codex('add', 'torii-sign-in', '--url', given.signIn);
if (!added.includes('Successfully logged in')) throw new Error(`adding it did not sign in: ${added}`);
await codex('login', 'torii-sign-in');
const listed = await codex('list');
if (!/torii-sign-in .*OAuth/.test(listed)) throw new Error(`it is not signed in: ${listed}`);

const server = speaks(['codex', 'app-server'], { env });
await server.call('initialize', { clientInfo: { name: 'tests', title: 'Tests', version: '1.0.0' } });
server.tell({ jsonrpc: '2.0', method: 'initialized' });
const { data } = await server.call('mcpServerStatus/list');
const tools = Object.fromEntries(data.map((each) => [each.name, Object.keys(each.tools).length]));
const { thread } = await server.call('thread/start');
for (const name of ['torii', 'torii-sign-in']) {
  app(await server.call('mcpServer/tool/call', { threadId: thread.id, server: name, tool: 'get_app', arguments: { idApp: 1001 } }));
}
server.end();
report({ client: 'Codex', version: version('@openai/codex'), tools: tools.torii, call: 'yes', sign_in: 'yes',
  notes: '`codex mcp add` opens the sign-in page by itself' });
