// The official TypeScript SDK, 1.x, from nothing to a connection and its end.   sign-in-client.mjs URL KEY

import { auth, extractWWWAuthenticateParams, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { finish, server, suite } from './sign-in.mjs';

function connect(authProvider) {
  const client = new Client({ name: 'typescript-1', version: '1.0.0' });
  let challenge;
  const watched = async (...request) => {
    const answer = await fetch(...request);
    if (answer.status === 403) challenge = extractWWWAuthenticateParams(answer);
    return answer;
  };
  const transport = new StreamableHTTPClientTransport(server.url, { authProvider, fetch: watched });
  return {
    open: () => client.connect(transport),
    finish: (parameters) => transport.finishAuth(parameters.get('code')),
    tools: async () => (await client.listTools()).tools,
    call: (name, args) => client.callTool({ name, arguments: args }),
    isUnauthorized: (error) => error instanceof UnauthorizedError,
    // this SDK refreshes instead of asking, which can never give more, and then leaves it to the application
    ask: async (error) => {
      if (error.code !== 403 || challenge?.error !== 'insufficient_scope') throw error;
      authProvider.invalidateCredentials('tokens');
      const { scope, resourceMetadataUrl } = challenge;
      if (await auth(authProvider, { serverUrl: server.url, scope, resourceMetadataUrl }) === 'REDIRECT') throw new UnauthorizedError();
    },
    close: () => client.close(),
  };
}

await suite('typescript 1', connect);
finish();
