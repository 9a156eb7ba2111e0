// The MCP Inspector's command line, from nothing to a connection and its end.   sign-in-client.mjs URL KEY HOME
// Each run is a process of its own; what it knows of earlier ones is in the folder HOME.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { follow } from './user.mjs';

const [url, key, home] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const launcher = join(here, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
let passed = 0;
let failed = 0;
setTimeout(() => { console.log('FAILED  it took longer than two minutes'); process.exit(1); }, 120_000).unref();

/** Runs it once, with a user at the browser who allows these scopes, or what is ticked. */
function inspect({ era, allow = [] }, ...args) {
  return new Promise((resolve, reject) => {
    // with port 0 it finds one that is free
    const options = ['--cli', url, '--transport', 'http', '--protocol-era', era, '--callback-url', 'http://127.0.0.1:0/oauth/callback'];
    const child = spawn(process.execPath, [launcher, ...options, '--format', 'json', ...args], {
      // there is no browser on the way that it could open, so it prints the address
      env: { PATH: '/nonexistent', HOME: home, NO_COLOR: '1', NO_PROXY: '127.0.0.1', MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' },
    });
    let [said, complaints] = ['', ''];
    const asked = [];
    child.stdout.on('data', (text) => { said += text; });
    child.stderr.on('data', (text) => {
      complaints += text;
      const addresses = [...complaints.matchAll(/navigate to: (\S+)\n/g)].map(([, address]) => address);
      for (const address of addresses.slice(asked.length)) {
        asked.push(new URL(address).searchParams.get('scope').split(' '));
        follow(address, key, allow).then((back) => fetch(back)).catch(reject);
      }
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve({ asked, result: JSON.parse(said).result });
      else reject(new Error(`status ${status}: ${complaints}`));
    });
  });
}

async function check(what, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok      ${what}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${what}\n${error.stack}`);
  }
}

const secrets = join(home, '.mcp-inspector/secrets.json');

/** The tokens that it keeps between runs; `change` may change them. */
function tokens(change = (kept) => kept) {
  const file = JSON.parse(readFileSync(secrets, 'utf8'));
  const [name] = Object.keys(file.secrets).filter((each) => each.includes(':tokens:'));
  const kept = change(JSON.parse(file.secrets[name]));
  file.secrets[name] = JSON.stringify(kept);
  writeFileSync(secrets, JSON.stringify(file), { mode: 0o600 });
  return kept;
}

/** What it is registered as. */
function clientId() {
  const { servers } = JSON.parse(readFileSync(join(home, '.mcp-inspector/storage/oauth.json'), 'utf8'));
  const [{ byIssuer }] = Object.values(servers);
  return Object.values(byIssuer)[0].clientInformation.client_id;
}

const list = ['--method', 'tools/list'];
const call = (name, args) => ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)];
const content = (result) => JSON.parse(result.content[0].text);
const app = call('get_app', { idApp: 1001 });

for (const era of ['legacy', 'modern']) {
  rmSync(join(home, '.mcp-inspector'), { recursive: true, force: true });
  await check(`inspector ${era}: signs in and lists what the user allowed`, async () => {
    const { asked, result } = await inspect({ era, allow: ['torii:read'] }, ...list);
    // it goes by what the server has, not by the challenge
    assert.deepEqual(asked, [['torii:read', 'torii:write', 'torii:destroy', 'torii:scim', 'offline_access']]);
    assert.equal(tokens().scope, 'torii:read');
    const names = result.tools.map((tool) => tool.name);
    assert.ok(names.includes('list_apps') && !names.includes('run_write_tool'), String(names));
  });
  await check(`inspector ${era}: calls with the token it kept`, async () => {
    const { asked, result } = await inspect({ era }, ...app);
    assert.deepEqual([asked.length, content(result).app.id], [0, 1001]);
  });
  await check(`inspector ${era}: refreshes by itself, once the token is not valid any more`, async () => {
    const before = tokens((kept) => ({ ...kept, access_token: 'toriimcp_at_forgotten' }));
    const { asked, result } = await inspect({ era }, ...app);
    assert.deepEqual([asked.length, content(result).app.id], [0, 1001]);
    assert.notEqual(tokens().refresh_token, before.refresh_token);
  });
  // it calls nothing that is not in the list, so it never comes to ask for more by itself
  await check(`inspector ${era}: asks the user again, once the connection is ended, who may allow more`, async () => {
    const body = new URLSearchParams({ token: tokens().refresh_token, client_id: clientId() });
    assert.equal((await fetch(new URL('/oauth/revoke', url), { method: 'POST', body })).status, 200);
    const contract = { name: `Contract of the inspector, ${era}`, idApp: 1001, status: 'active' };
    const allow = ['torii:read', 'torii:write'];
    const { asked, result } = await inspect({ era, allow }, ...call('run_write_tool', { tool: 'create_contract', arguments: contract }));
    assert.deepEqual([asked.length, tokens().scope], [1, 'torii:read torii:write']);
    assert.equal(content(result).contract.name, contract.name);
  });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
