// LangChain.js: `@langchain/mcp-adapters`.

import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { app, given, report, version } from './program.mjs';
import { Provider, signIn } from './provider.mjs';

const authProvider = await signIn(auth, new Provider('LangChain.js'), given.signIn, given.key);
const client = new MultiServerMCPClient({
  mcpServers: { torii: { transport: 'http', url: given.open }, signIn: { transport: 'http', url: given.signIn, authProvider } },
});
let count;
for (const server of ['signIn', 'torii']) {
  const tools = await client.getTools(server);
  count = tools.length;
  app(JSON.stringify(await tools.find(({ name }) => name === 'get_app').invoke({ idApp: 1001 })).replaceAll('\\', ''));
}
await client.close();
report({ client: 'LangChain.js', version: version('@langchain/mcp-adapters'), tools: count, call: 'yes', sign_in: 'yes' });
