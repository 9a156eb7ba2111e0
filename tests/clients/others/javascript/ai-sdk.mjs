// AI SDK: `@ai-sdk/mcp`.

import { auth, createMCPClient } from '@ai-sdk/mcp';
import { app, given, report, version } from './program.mjs';
import { Provider, signIn } from './provider.mjs';

let count;
for (const url of [given.signIn, given.open]) {
  const authProvider = url === given.signIn ? await signIn(auth, new Provider('AI SDK'), url, given.key) : undefined;
  const client = await createMCPClient({ transport: { type: 'http', url, authProvider } });
  const tools = await client.tools();
  count = Object.keys(tools).length;
  app(await tools.get_app.execute({ idApp: 1001 }, { toolCallId: '1', messages: [] }));
  await client.close();
}
report({ client: 'AI SDK', version: version('@ai-sdk/mcp'), tools: count, call: 'yes', sign_in: 'yes' });
