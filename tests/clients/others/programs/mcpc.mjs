// mcpc, Apify's client: `mcpc connect`, `mcpc login`.

import { app, given, report, run, version } from './program.mjs';

const mcpc = (...args) => run(['mcpc', ...args]);
await mcpc('login', given.signIn);
const json = (text) => JSON.parse(text);
let tools;
for (const [session, url] of [['@signed-in', given.signIn], ['@torii', given.open]]) {
  await mcpc('connect', url, session);
  const list = json(await mcpc('--json', session, 'tools-list'));
  tools = (list.tools ?? list).length;
  app(await mcpc('--json', session, 'tools-call', 'get_app', 'idApp:=1001').then((text) => json(text)));
  await mcpc('close', session);
}
report({ client: 'mcpc', version: version('@apify/mcpc'), tools, call: 'yes', sign_in: 'yes' });
