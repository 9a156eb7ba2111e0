// Gemini CLI: `gemini mcp add`, `gemini mcp list`, and `/mcp auth` in a session, which needs a key for a model that is never asked.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { given, report, run, version } from './program.mjs';

const folder = join(given.home, 'project');
mkdirSync(folder);
const gemini = (args, options) => run(['gemini', ...args], { folder, ...options, env: { GEMINI_CLI_TRUST_WORKSPACE: 'true', ...options?.env } });

await gemini(['mcp', 'add', '--scope', 'user', '--transport', 'http', 'torii', given.open]);
await gemini(['mcp', 'add', '--scope', 'user', '--transport', 'http', 'torii-sign-in', given.signIn]);
const before = await gemini(['mcp', 'list']);
if (!/✓ torii: .*Connected/.test(before)) throw new Error(`it is not connected: ${before}`);

// what `gemini` asks for in its first session, answered before
const settings = join(given.home, '.gemini/settings.json');
const server = (url) => ({ url, type: 'http' });
writeFileSync(settings, JSON.stringify({
  security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false },
  mcpServers: { torii: server(given.open), 'torii-sign-in': server(given.signIn) },
}));
const line = '/mcp auth torii-sign-in';
let [typed, agreed] = [false, false];
const session = await gemini(['--screen-reader'], {
  terminal: true, mayFail: true, seconds: 60, env: { GEMINI_API_KEY: 'unused' },
  told(text, input, end) {
    const said = text.slice(text.lastIndexOf(line));
    if (!typed && text.includes('Type your message')) {
      typed = true;
      setTimeout(() => input.write(line), 1000);
      setTimeout(() => input.write('\r'), 2500);
    } else if (!agreed && said.includes('Do you want to continue?')) {
      agreed = true;
      setTimeout(() => input.write('\r'), 500);
    } else if (/Successfully authenticated/.test(said)) {
      setTimeout(end, 1000);
    }
  },
});
const after = await gemini(['mcp', 'list']);
if (!/✓ torii-sign-in: .*Connected/.test(after)) throw new Error(`it is not connected after the sign-in: ${after}\n${session}`);
report({ client: 'Gemini CLI', version: version('@google/gemini-cli'), tools: 'yes, shows no number', call: 'not without a model', sign_in: 'yes',
  notes: '`/mcp auth` asks before it opens the browser; servers are off in folders that are not trusted' });
