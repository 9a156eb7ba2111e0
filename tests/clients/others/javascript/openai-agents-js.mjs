// OpenAI Agents in JavaScript: `@openai/agents`.

import { MCPServerStreamableHttp } from '@openai/agents';
import { auth } from '@modelcontextprotocol/client';
import { app, given, report, version } from './program.mjs';
import { Provider, signIn } from './provider.mjs';

let count;
for (const url of [given.signIn, given.open]) {
  const authProvider = url === given.signIn ? await signIn(auth, new Provider('OpenAI Agents'), url, given.key) : undefined;
  const server = new MCPServerStreamableHttp({ url, authProvider });
  await server.connect();
  count = (await server.listTools()).length;
  app({ content: await server.callTool('get_app', { idApp: 1001 }) });
  await server.close();
}
report({ client: 'OpenAI Agents (JavaScript)', version: version('@openai/agents'), tools: count, call: 'yes', sign_in: 'yes' });
