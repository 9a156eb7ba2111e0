// The official TypeScript SDK, 2.x, from nothing to a connection and its end, as it negotiates by itself and when it looks for the newest
// revision.   sign-in-client.mjs URL KEY

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { finish, server, suite } from './sign-in.mjs';

const connect = (options) => (authProvider) => {
  const client = new Client({ name: 'typescript-2', version: '1.0.0' }, options);
  const transport = new StreamableHTTPClientTransport(server.url, { authProvider });
  return {
    open: () => client.connect(transport),
    finish: (parameters) => transport.finishAuth(parameters),
    tools: async () => (await client.listTools()).tools,
    call: (name, args) => client.callTool({ name, arguments: args }),
    isUnauthorized: (error) => error instanceof UnauthorizedError,
    close: () => client.close(),
  };
};

await suite('typescript 2 by default', connect({}));
await suite('typescript 2 in mode auto', connect({ versionNegotiation: { mode: 'auto' } }));
finish();
