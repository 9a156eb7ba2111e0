// An identity provider and authorization server: npm's oidc-provider with the pages it has for developers.
// node provider.mjs ACCOUNTS; ACCOUNTS are claims by user name, in JSON. It says where it listens, and answers each line of its
// input with a line: `down`, `up`, `rotate` (new keys), `sign ALGORITHM CLAIMS` (a token with its key of today).
import { createHmac, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

// the provider has a word to say now and then, which is no answer of ours
const say = console.log;
console.info = console.error;

const accounts = JSON.parse(process.argv[2]);
let keys;
let provider = null;

const server = createServer((request, response) => {
  if (provider === null) request.socket.destroy();
  else provider.callback()(request, response);
});
await new Promise(resolve => { server.listen(0, '127.0.0.1', resolve); });
const issuer = `http://127.0.0.1:${server.address().port}`;

const configuration = {
  clients: [
    {
      client_id: 'torii-mcp',
      client_secret: 'the secret: with signs & blanks',
      // for which a provider takes any port of this machine
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/sign-in/callback', 'https://mcp.example.com/sign-in/callback'],
    },
    {
      client_id: 'assistant',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ],
  findAccount: (_, id) => (id in accounts ? { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) } : undefined),
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  pkce: { required: () => true },
  cookies: { keys: ['the provider of the tests'] },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'torii:read torii:write torii:destroy',
        audience: resource,
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (_, token) => accounts[token.accountId],
};

function start() {
  provider = new Provider(issuer, { ...configuration, jwks: { keys: Object.values(keys) } });
  provider.on('server_error', (_, error) => console.error(error));
}

function newKeys() {
  const make = (alg, type, options) => {
    const { privateKey } = generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg };
  };
  keys = { RS256: make('RS256', 'rsa', { modulusLength: 2048 }), ES256: make('ES256', 'ec', { namedCurve: 'P-256' }) };
}

/** A token that this server would sign, or one that somebody made who knows nothing but its public key. */
function token(alg, claims) {
  const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const { kid, n } = keys[alg] ?? keys.RS256;
  const typ = claims.events === undefined ? 'at+jwt' : 'logout+jwt';
  const text = `${encode({ typ, alg, kid })}.${encode({ iss: issuer, iat: now, exp: now + 600, ...claims })}`;
  if (alg === 'none') return `${text}.`;
  if (alg === 'HS256') return `${text}.${createHmac('sha256', n).update(text).digest('base64url')}`;
  const key = { key: createPrivateKey({ key: keys[alg], format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

const orders = {
  down: () => { provider = null; server.closeAllConnections(); },
  up: start,
  rotate: () => { newKeys(); start(); },
  sign: (alg, claims) => token(alg, JSON.parse(claims)),
};

newKeys();
start();
say(issuer);
for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...words] = line.split(' ');
  say(orders[order](words[0], words.slice(1).join(' ')) ?? 'done');
}
process.exit();
