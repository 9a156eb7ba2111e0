// mcp-remote: the bridge for clients that speak stdio only. It signs in when the client connects.

import { app, given, report, speaks, version } from './program.mjs';

let tools;
for (const url of [given.open, given.signIn]) {
  const bridge = speaks(['mcp-remote', url]);
  await bridge.call('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'tests', version: '1.0.0' } });
  bridge.tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
  tools ??= (await bridge.call('tools/list')).tools.length;
  await bridge.call('tools/list');
  app(await bridge.call('tools/call', { name: 'get_app', arguments: { idApp: 1001 } }));
  bridge.end();
}
report({ client: 'mcp-remote', version: version('mcp-remote'), transport: 'stdio to HTTP', tools, call: 'yes', sign_in: 'yes',
  notes: 'its client decides the revision' });
