// Copilot CLI: `copilot mcp add`, `copilot mcp list`. It connects in a session only, which needs an account.

import { given, report, run, version } from './program.mjs';

const env = { COPILOT_AUTO_UPDATE: 'false' };
await run(['copilot', 'mcp', 'add', '--transport', 'http', 'torii', given.open], { env });
const listed = await run(['copilot', 'mcp', 'get', 'torii'], { env });
if (!listed.includes(given.open)) throw new Error(`it does not list the server: ${listed}`);
report({ client: 'Copilot CLI', version: version('@github/copilot'), lists: false, tools: 'not without an account', call: 'not without an account',
  sign_in: 'not without an account', notes: 'only `copilot mcp add` and `copilot mcp get` are run here' });
