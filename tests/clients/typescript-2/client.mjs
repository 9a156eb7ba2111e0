// The official TypeScript SDK, 2.x, as it negotiates by itself and when it looks for the newest revision.   client.mjs URL BINARY

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { finish, server, stdio, suite } from './checks.mjs';

function connect(transport, options) {
  return async () => {
    const client = new Client({ name: 'typescript-2', version: '1.0.0' }, options);
    await client.connect(transport);
    return {
      revision: client.getNegotiatedProtocolVersion(),
      tools: async () => (await client.listTools()).tools,
      call: (name, args, onprogress) => client.callTool({ name, arguments: args }, { onprogress }),
      sdk: client,
      close: () => client.close(),
    };
  };
}

for (const [mode, revision, options] of [
  ['by default', '2025-11-25', {}],
  ['in mode auto', '2026-07-28', { versionNegotiation: { mode: 'auto' } }],
]) {
  await suite(`typescript 2 ${mode} over http`, revision, connect(new StreamableHTTPClientTransport(new URL(server.url)), options));
  await suite(`typescript 2 ${mode} over stdio`, revision, connect(new StdioClientTransport(stdio), options));
}
finish();
