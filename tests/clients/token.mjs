// Connects as an assistant does, and prints the access token it gets: for programs that cannot sign in.
//   token.mjs ORIGIN KEY SCOPE…

import { createHash, randomBytes } from 'node:crypto';
import { follow } from './user.mjs';

const [origin, key, ...scopes] = process.argv.slice(2);
const redirect = 'http://127.0.0.1/callback';

async function json(url, body, type = 'application/x-www-form-urlencoded') {
  const answer = await fetch(url, body && { method: 'POST', body, headers: { 'content-type': type } });
  if (!answer.ok) throw new Error(`${answer.status} at ${url}: ${await answer.text()}`);
  return answer.json();
}

const server = await json(`${origin}/.well-known/oauth-authorization-server`);
const { resource } = await json(`${origin}/.well-known/oauth-protected-resource/mcp`);
const metadata = { client_name: 'token.mjs', redirect_uris: [redirect], token_endpoint_auth_method: 'none' };
const { client_id } = await json(server.registration_endpoint, JSON.stringify(metadata), 'application/json');
const verifier = randomBytes(32).toString('base64url');
const asked = { response_type: 'code', client_id, redirect_uri: redirect, resource, scope: scopes.join(' '), state: 'x',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' };
const back = await follow(`${server.authorization_endpoint}?${new URLSearchParams(asked)}`, key, scopes);
const code = back.searchParams.get('code');
if (!code) throw new Error(`no code: ${back}`);
const form = { grant_type: 'authorization_code', client_id, redirect_uri: redirect, resource, code, code_verifier: verifier };
console.log((await json(server.token_endpoint, new URLSearchParams(form))).access_token);
