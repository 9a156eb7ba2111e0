// Mastra: `@mastra/mcp`.

import { MCPClient } from '@mastra/mcp';
import { auth } from '@modelcontextprotocol/client';
import { app, given, report, version } from './program.mjs';
import { Provider, signIn } from './provider.mjs';

const authProvider = await signIn(auth, new Provider('Mastra'), given.signIn, given.key);
const client = new MCPClient({ servers: { torii: { url: new URL(given.open) }, signedIn: { url: new URL(given.signIn), authProvider } } });
const tools = await client.listTools();
for (const server of ['torii', 'signedIn']) app(JSON.stringify(await tools[`${server}_get_app`].execute({ idApp: 1001 })).replaceAll('\\', ''));
const count = Object.keys(tools).filter((name) => name.startsWith('torii_')).length;
await client.disconnect();
report({ client: 'Mastra', version: version('@mastra/mcp'), tools: count, call: 'yes', sign_in: 'yes' });
