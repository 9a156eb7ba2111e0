// opencode: `opencode.json`, `opencode mcp auth`, `opencode mcp list`. The package with its program for Linux is installed: `opencode-ai` only picks it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { given, report, run, version } from './program.mjs';

const env = { OPENCODE_DISABLE_AUTOUPDATE: 'true' };
const remote = (url) => ({ type: 'remote', url });
writeFileSync(join(given.home, 'opencode.json'), JSON.stringify({ mcp: { torii: remote(given.open), 'torii-sign-in': remote(given.signIn) } }));
const opencode = (...args) => run([join(given.folder, 'node_modules/opencode-linux-x64/bin/opencode'), 'mcp', ...args], { env });
const before = await opencode('list');
if (!/✓ torii\s+connected/.test(before)) throw new Error(`it is not connected: ${before}`);
if (!/torii-sign-in\s+needs authentication/.test(before)) throw new Error(`it does not say that the sign-in is missing: ${before}`);
await opencode('auth', 'torii-sign-in');
const after = await opencode('list');
if (!/✓ torii-sign-in\s+connected/.test(after)) throw new Error(`it is not connected after the sign-in: ${after}`);
report({ client: 'opencode', version: version('opencode-linux-x64'), tools: 'yes, shows no number', call: 'not without a model', sign_in: 'yes' });
