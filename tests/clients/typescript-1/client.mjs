// The official TypeScript SDK, 1.x.   client.mjs URL BINARY

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { finish, server, stdio, suite } from './checks.mjs';

/** This SDK tells its transport, and nobody else, which revision it agreed on. */
function connect(transport) {
  return async () => {
    const client = new Client({ name: 'typescript-1', version: '1.0.0' });
    let revision;
    const told = transport.setProtocolVersion?.bind(transport);
    transport.setProtocolVersion = (version) => { revision = version; told?.(version); };
    await client.connect(transport);
    return {
      revision,
      tools: async () => (await client.listTools()).tools,
      call: (name, args, onprogress) => client.callTool({ name, arguments: args }, undefined, { onprogress }),
      sdk: client,
      close: () => client.close(),
    };
  };
}

await suite('typescript 1 over http', '2025-11-25', connect(new StreamableHTTPClientTransport(new URL(server.url))));
await suite('typescript 1 over stdio', '2025-11-25', connect(new StdioClientTransport(stdio)));
finish();
