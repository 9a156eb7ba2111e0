// Claude Code: `claude mcp add`, `claude mcp login`, `claude mcp list`. Its control protocol calls a tool without a model.

import { app, given, report, run, speaks, until, version } from './program.mjs';

const quiet = { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
const claude = (args, options) => run(['claude', 'mcp', ...args], { env: quiet, ...options });

await claude(['add', '--transport', 'http', 'torii', given.open]);
await claude(['add', '--transport', 'http', 'torii-sign-in', given.signIn]);
const before = await claude(['list']);
if (!/torii: .*Connected/.test(before)) throw new Error(`it is not connected: ${before}`);
if (!/torii-sign-in: .*Needs authentication/.test(before)) throw new Error(`it does not say that the sign-in is missing: ${before}`);
await claude(['login', 'torii-sign-in'], { terminal: true });
const after = await claude(['list']);
if (!/torii-sign-in: .*Connected/.test(after)) throw new Error(`it is not connected after the sign-in: ${after}`);

const session = speaks(['claude', '-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'], { env: quiet });
let id = 0;
async function control(request) {
  const own = String(id += 1);
  const { response } = await session.ask({ type: 'control_request', request_id: own, request }, (message) => message.response?.request_id === own);
  if (response.subtype !== 'success') throw new Error(`${request.subtype}: ${JSON.stringify(response)}`);
  return response.response;
}
await control({ subtype: 'initialize' });
const servers = await until('both are connected', async () => {
  const { mcpServers } = await control({ subtype: 'mcp_status' });
  return mcpServers.every(({ status }) => status === 'connected') && Object.fromEntries(mcpServers.map((server) => [server.name, server]));
});
for (const server of Object.keys(servers)) {
  app(await control({ subtype: 'mcp_call', tool: `mcp__${server}__get_app`, arguments: { idApp: 1001 } }));
}
session.end();
report({ client: 'Claude Code', version: version('@anthropic-ai/claude-code'), tools: servers.torii.tools.length, call: 'yes', sign_in: 'yes',
  notes: 'asks for every scope; `claude mcp login` wants a terminal' });
