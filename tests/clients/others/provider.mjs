// What libraries in JavaScript have to be given to sign in: all of it in memory, and a user who agrees.

import { follow } from './user.mjs';

export class Provider {
  redirectUrl = 'http://127.0.0.1/callback';

  constructor(name) { this.clientMetadata = { client_name: name, redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' }; }

  state() { return this.asked = crypto.randomUUID(); }
  storedState() { return this.asked; }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.kept; }
  saveTokens(tokens) { this.kept = tokens; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  discoveryState() { return this.discovered; }
  saveDiscoveryState(state) { this.discovered = state; }
  redirectToAuthorization(address) { this.opened = address; }

  /** What the client is sent back with, once the user has agreed. */
  async agree(key) {
    if (!this.opened) throw new Error('it never asked the user to sign in');
    return (await follow(this.opened, key)).searchParams;
  }
}

/** Signs in with the library's own `auth`, as its documentation shows, before it connects. */
export async function signIn(auth, provider, serverUrl, key) {
  await auth(provider, { serverUrl });
  const back = await provider.agree(key);
  const code = { authorizationCode: back.get('code'), callbackState: back.get('state') ?? undefined, iss: back.get('iss') ?? undefined };
  await auth(provider, { serverUrl, ...code });
  return provider;
}
