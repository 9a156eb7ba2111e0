// A connection from nothing to its end, through whichever SDK the caller brings, with the SDK's own way through OAuth.
// Prints one line for each check; the process ends with 1 if one of them failed.

import assert from 'node:assert/strict';
import { follow } from './user.mjs';

const [url, key] = process.argv.slice(2);
export const server = { url: new URL(url), origin: new URL(url).origin };
let passed = 0;
let failed = 0;
setTimeout(() => { console.log('FAILED  it took longer than two minutes'); process.exit(1); }, 120_000).unref();

/** What an SDK's `OAuthClientProvider` has to bring: all of it in memory, and one redirect on this machine. */
export class Provider {
  redirectUrl = 'http://localhost/callback';
  registrations = 0;
  opened = [];

  get clientMetadata() {
    return { client_name: 'A test with an official SDK', redirect_uris: [this.redirectUrl], grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'none' };
  }

  state() { return this.asked = crypto.randomUUID(); }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; this.registrations += 1; }
  tokens() { return this.kept; }
  saveTokens(tokens) { this.kept = tokens; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  discoveryState() { return this.discovered; }
  saveDiscoveryState(state) { this.discovered = state; }
  redirectToAuthorization(address) { this.opened.push(address); }

  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'client') this.client = undefined;
    if (scope === 'all' || scope === 'tokens') this.kept = undefined;
  }

  /** The scopes that the user was asked for last. */
  get scopes() { return new Set(this.opened.at(-1).searchParams.get('scope').split(' ')); }

  /** The user agrees; what the client is sent back with. */
  async agree() {
    const back = await follow(this.opened.at(-1), key);
    assert.equal(back.searchParams.get('state'), this.asked);
    assert.equal(back.searchParams.get('iss'), server.origin);
    assert.equal(back.origin + back.pathname, this.redirectUrl);
    return back.searchParams;
  }
}

/**
 * `connect(provider)` gives what an SDK makes of one connection that nobody has signed in for:
 * `{ open(), finish(parameters), tools(), call(name, args), isUnauthorized(error), close() }`, and, for an SDK that does not do it by itself,
 * `ask(scopes)`, which asks for more than there is.
 */
export async function suite(label, connect) {
  const check = async (what, body) => {
    try {
      await body();
      passed += 1;
      console.log(`ok      ${label}: ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${label}: ${what}\n${error.stack}`);
    }
  };
  const provider = new Provider();
  let client = connect(provider);
  const refused = (promise) => assert.rejects(promise, (error) => client.isUnauthorized(error) || assert.fail(error));
  const names = async () => (await client.tools()).map((tool) => tool.name);
  const read = async (name, args) => JSON.parse((await client.call(name, args)).content[0].text);
  const app = async () => (await read('get_app', { idApp: 1001 })).app.id;
  const revoke = (token) => fetch(`${server.origin}/oauth/revoke`, { method: 'POST',
    body: new URLSearchParams({ token, client_id: provider.client.client_id }) });

  await check('is sent to sign in, registered', async () => {
    await refused(client.open());
    assert.equal(provider.registrations, 1);
    assert.deepEqual([provider.scopes.has('torii:read'), provider.scopes.has('torii:write')], [true, false]);
  });
  await check('gets a token for what the user allowed', async () => {
    const parameters = await provider.agree();
    await client.finish(parameters);
    assert.equal(provider.kept.scope, 'torii:read');
    client = connect(provider);
    await client.open();
  });
  await check('lists what the token may call', async () => {
    const listed = await names();
    assert.ok(listed.includes('list_apps') && !listed.includes('run_write_tool'), String(listed));
  });
  await check('calls', async () => assert.equal(await app(), 1001));
  await check('refreshes by itself, once the token is not valid any more', async () => {
    const before = provider.kept;
    assert.equal((await revoke(before.access_token)).status, 200);
    assert.equal(await app(), 1001);
    assert.notEqual(provider.kept.access_token, before.access_token);
    assert.notEqual(provider.kept.refresh_token, before.refresh_token);
    assert.equal(provider.opened.length, 1, 'the user was not asked again');
  });
  const contract = { name: `Contract of ${label}`, idApp: 1001, status: 'active' };
  await check('asks for more where a tool needs more, and then calls it', async () => {
    await refused(client.call('create_contract', contract).catch(async (error) => {
      if (!client.ask) throw error;
      await client.ask(error);
    }));
    assert.equal(provider.opened.length, 2);
    assert.deepEqual([provider.scopes.has('torii:read'), provider.scopes.has('torii:write')], [true, true]);
    await client.finish(await provider.agree());
    assert.equal(provider.kept.scope, 'torii:read torii:write');
    const { contract: made } = await read('create_contract', contract);
    assert.equal((await read('get_contract', { idContract: made.id })).contract.name, contract.name);
  });
  await check('lists what the new token may call, in a new connection', async () => {
    await client.close();
    client = connect(provider);
    await client.open();
    assert.ok((await names()).includes('run_write_tool'));
  });
  await check('asks the user again, once the connection is ended', async () => {
    assert.equal((await revoke(provider.kept.refresh_token)).status, 200);
    await refused(app());
    assert.equal(provider.opened.length, 3);
    await client.finish(await provider.agree());
    assert.equal(await app(), 1001);
  });
  await check('registers again, where it is not known any more', async () => {
    const registered = provider.client.client_id;
    provider.client = { ...provider.client, client_id: 'forgotten' };
    provider.kept = { ...provider.kept, access_token: 'toriimcp_at_forgotten' };
    await refused(app());
    assert.equal(provider.client.client_id, registered, 'the same metadata, the same client');
    assert.equal(provider.registrations, 2);
    await client.finish(await provider.agree());
    assert.equal(await app(), 1001);
  });
  await check('closes', () => client.close());
}

/** Prints how it went and ends the process. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
