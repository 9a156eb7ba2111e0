// mcporter: `mcporter list`, `mcporter call`, `mcporter auth`.

import { app, given, report, run, version } from './program.mjs';

const mcporter = (...args) => run(['mcporter', ...args, '--allow-http']);
const count = (text) => Number(/(\d+) tools/.exec(text)?.[1]);
const tools = count(await mcporter('list', given.open));
if (!tools) throw new Error('it lists no tools');
app(await mcporter('call', `${given.open}.get_app`, 'idApp=1001'));
await mcporter('auth', given.signIn);
if (!count(await mcporter('list', given.signIn))) throw new Error('it lists no tools after the sign-in');
app(await mcporter('call', `${given.signIn}.get_app`, 'idApp=1001'));
report({ client: 'mcporter', version: version('mcporter'), tools, call: 'yes', sign_in: 'yes', notes: 'addresses with `http:` need `--allow-http`' });
