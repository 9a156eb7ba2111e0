// The official TypeScript SDK, 2.x, as an operator's own automation uses it: no user, a key of its own.
//   automation-client.mjs keys FOLDER        makes a key: `private.pem`, and `jwks.json` for the server
//   automation-client.mjs call FOLDER URL    connects and calls with it

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, PrivateKeyJwtProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [what, folder, url] = process.argv.slice(2);
const [privateKey, jwks] = [join(folder, 'private.pem'), join(folder, 'jwks.json')];

if (what === 'keys') {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(jwks, JSON.stringify({ keys: [pair.publicKey.export({ format: 'jwk' })] }));
} else {
  const authProvider = new PrivateKeyJwtProvider({ clientId: 'nightly', privateKey: readFileSync(privateKey, 'utf8'), algorithm: 'ES256',
    expectedIssuer: new URL(url).origin });
  const client = new Client({ name: 'nightly', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  const names = (await client.listTools()).tools.map((tool) => tool.name);
  assert.ok(names.includes('list_apps') && !names.includes('run_write_tool'), String(names));
  assert.equal(JSON.parse((await client.callTool({ name: 'get_app', arguments: { idApp: 1001 } })).content[0].text).app.id, 1001);
  assert.equal(authProvider.tokens().refresh_token, undefined);
  await client.close();
}
console.log('1 passed, 0 failed');
