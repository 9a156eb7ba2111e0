// Walks through the server as users do, from an assistant's request to the end of its connection, without JavaScript.
// node walk.mjs ORIGIN KEY CLIENT FOLDER; CLIENT is a configured client whose redirect URI is at https://assistant.example.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { VIEWS, check, withBrowser } from './browser.mjs';

const [origin, key, configured, folder] = process.argv.slice(2);
const AWAY = 'https://assistant.example/callback';
const FURTHER = 'https://app.assistant.example/connected';

/** An app on this machine: what it is sent, and where. */
const received = [];
const loopback = createServer((request, response) => {
  received.push(new URL(request.url, 'http://127.0.0.1'));
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>Back</title><p>Back with the app.');
});
await new Promise(resolve => { loopback.listen(0, '127.0.0.1', resolve); });
loopback.unref();
const local = `http://127.0.0.1:${loopback.address().port}/callback`;

const registered = await (await fetch(`${origin}/oauth/register`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ client_name: 'Walking assistant', redirect_uris: ['http://127.0.0.1/callback'], token_endpoint_auth_method: 'none' }),
})).json();

/** What an assistant asks, and what redeems its answer. */
function ask(client, redirect, scope = 'torii:read torii:write') {
  const verifier = randomBytes(32).toString('base64url');
  const state = `state & ${randomBytes(4).toString('hex')}`;
  const url = new URL(`${origin}/oauth/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code', client_id: client, redirect_uri: redirect, scope, state, resource: `${origin}/mcp`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  return { url: url.href, state, redeem: code => redeem({ grant_type: 'authorization_code', client_id: client, redirect_uri: redirect, code, code_verifier: verifier }) };
}

async function redeem(form) {
  return (await fetch(`${origin}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })).json();
}

async function listStatus(token) {
  const response = await fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  });
  return response.status;
}

await withBrowser(async browser => {
  // both kinds of screen, both colour schemes
  for (const view of VIEWS.filter(({ isJudged }) => isJudged)) await walk(browser, view);
  await byKeyboard(browser);
});

/** Signs in, which a server that is reached over http asks for each time. */
async function enter(page) {
  await page.getByLabel('Torii API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A user's browser. What the browser complains of is collected. */
async function visitor(browser, { width, height, colorScheme, isPhone }) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme, isMobile: isPhone, hasTouch: isPhone, javaScriptEnabled: false,
  });
  context.setDefaultTimeout(15_000);
  const complaints = [];
  const page = await context.newPage();
  page.on('console', message => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('requestfailed', request => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
  // Playwright's own way does not see where a redirect leads
  const away = [];
  const network = await context.newCDPSession(page);
  network.on('Fetch.requestPaused', ({ requestId, request: { url } }) => {
    away.push(new URL(url));
    const answer = url.startsWith(AWAY)
      ? { responseCode: 302, responseHeaders: [{ name: 'Location', value: FURTHER }] }
      : { responseCode: 200, responseHeaders: [{ name: 'Content-Type', value: 'text/html' }], body: btoa('<!doctype html><title>Connected</title>') };
    network.send('Fetch.fulfillRequest', { requestId, ...answer }).catch(error => {
      // The browser gave up this request, such as one for an icon of a page that was left.
      if (!error.message.includes('Invalid InterceptionId')) complaints.push(error.message);
    });
  });
  await network.send('Fetch.enable', { patterns: [{ urlPattern: 'https://*' }] });
  return { context, page, complaints, away };
}

async function walk(browser, view) {
  const how = `${view.width}-${view.colorScheme}`;
  const { context, page, complaints, away } = await visitor(browser, view);
  const shot = name => page.screenshot({ path: `${folder}/${name}-${how}.png`, fullPage: true });
  const is = (what, isTrue, detail) => check(`${what} (${how})`, isTrue, detail);
  const quiet = (what, allowed = () => false) => {
    const left = complaints.splice(0).filter(complaint => !allowed(complaint));
    is(`${what} without complaint`, left.length === 0, left.join('\n'));
  };

  await page.goto(origin);
  await shot('1-landing');
  quiet('landing');

  // an assistant on this machine, a wrong key, the right one
  const first = ask(registered.client_id, local, 'torii:read');
  await page.goto(first.url);
  is('who is not signed in is asked to', await page.getByRole('heading').textContent() === 'Sign in with your Torii key');
  await shot('2-sign-in');
  await page.getByLabel('Torii API key').fill('wrong-key');
  await page.getByRole('button', { name: 'Sign in' }).click();
  is('a wrong key is refused', await page.getByRole('alert').isVisible());
  is('and not shown again', !(await page.content()).includes('wrong-key'));
  await shot('3-wrong-key');
  // the browser tells of the status 422
  quiet('a wrong key', complaint => complaint.includes('422'));
  await page.getByLabel('Torii API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  is('consent follows', (await page.getByRole('heading').textContent()).includes('Allow Walking assistant'));
  await shot('4-consent');
  is('what was not asked for is not ticked', !(await page.getByLabel('Add and change data').isChecked()));
  is('nothing that destroys is ticked', !(await page.getByLabel('Delete data').isChecked()));
  // the label covers its box
  await page.locator('label', { hasText: 'Add and change data' }).click();
  is('a click ticks', await page.getByLabel('Add and change data').isChecked());
  await page.getByRole('button', { name: 'Allow Walking assistant' }).click();
  await page.waitForURL(url => url.href.startsWith(local));
  const back = new URL(page.url());
  is('the app gets its state', back.searchParams.get('state') === first.state, back.href);
  is('the app gets our name', back.searchParams.get('iss') === origin, back.href);
  is('the app itself hears of it', received.some(url => url.search === back.search));
  const tokens = await first.redeem(back.searchParams.get('code'));
  is('the code gives what was ticked', tokens.scope === 'torii:read torii:write', JSON.stringify(tokens));
  is('the token works', await listStatus(tokens.access_token) === 200);
  quiet('consent to the loopback');

  const denied = ask(registered.client_id, local);
  await page.goto(denied.url);
  is('a browser is not remembered over http', await page.getByLabel('Torii API key').isVisible());
  await enter(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForURL(url => url.href.startsWith(local));
  const refused = new URL(page.url()).searchParams;
  is('the app hears that the user said no', refused.get('error') === 'access_denied' && refused.get('state') === denied.state && refused.get('iss') === origin && !refused.has('code'), page.url());
  quiet('deny');

  // a configured client at https, which sends its users on to another host
  const second = ask(configured, AWAY);
  await page.goto(second.url);
  await enter(page);
  await shot('5-consent-configured');
  await page.getByRole('button', { name: /^Allow/ }).click();
  await page.waitForURL(FURTHER);
  quiet('consent to a client that leads on to another host');
  const code = away.find(url => url.href.startsWith(AWAY)).searchParams.get('code');
  is('its code counts', Boolean((await second.redeem(code)).access_token));

  await page.goto(`${origin}/connections`);
  await enter(page);
  await shot('6-connections');
  is('both are listed', await page.getByRole('heading', { level: 2 }).count() === 2);
  await page.getByRole('button', { name: 'Disconnect Walking assistant' }).click();
  is('one is gone', await page.getByRole('heading', { level: 2 }).count() === 1);
  is('and the page says so', (await page.getByRole('status').textContent()).includes('Walking assistant'));
  await shot('7-disconnected');
  is('its token does not count', await listStatus(tokens.access_token) === 401);
  quiet('connections');

  await page.getByRole('button', { name: 'Sign out' }).click();
  is('the user is signed out', (await page.getByRole('heading').textContent()) === 'You are signed out');
  await shot('8-signed-out');
  await page.goto(`${origin}/connections`);
  is('and has to sign in again', await page.getByLabel('Torii API key').isVisible());
  quiet('sign out');

  // one click from signing in to a client that is remembered, and on to the other host
  away.length = 0;
  await page.goto(ask(configured, AWAY).url);
  await shot('9-sign-in-configured');
  await page.getByLabel('Torii API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(FURTHER);
  is('a remembered client is not asked about again', away.some(url => url.searchParams.has('code')));
  quiet('remembered consent');

  await page.goto(`${origin}/oauth/authorize?client_id=nobody`);
  is('a broken link is told of', (await page.getByRole('alert').textContent()).includes('This link does not work'));
  await shot('10-failure');
  quiet('a broken link', complaint => complaint.includes('400'));
  // leave nothing for the next walk
  await page.goto(`${origin}/connections`);
  await enter(page);
  while (await page.getByRole('button', { name: /^(Disconnect|End this connection)/ }).count() > 0) {
    await page.getByRole('button', { name: /^(Disconnect|End this connection)/ }).first().click();
  }
  await context.close();
}

/** The whole of it with nothing but a keyboard. */
async function byKeyboard(browser) {
  const { context, page } = await visitor(browser, { width: 1280, height: 800, colorScheme: 'light' });
  const reach = async what => {
    for (let index = 0; index < 30; index += 1) {
      await page.keyboard.press('Tab');
      if (await what.evaluate(one => one === document.activeElement)) return;
    }
    check(`${what} is reached by keyboard`, false);
  };
  const asked = ask(registered.client_id, local);
  await page.goto(asked.url);
  await reach(page.getByLabel('Torii API key'));
  await page.keyboard.type(key);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Allow/ }).waitFor();
  await reach(page.getByLabel('Add and change data'));
  await page.keyboard.press('Space');
  check('the space bar unticks', !(await page.getByLabel('Add and change data').isChecked()));
  await reach(page.getByRole('button', { name: /^Allow/ }));
  await page.keyboard.press('Enter');
  await page.waitForURL(url => url.href.startsWith(local));
  const tokens = await asked.redeem(new URL(page.url()).searchParams.get('code'));
  check('a keyboard is enough to connect', tokens.scope === 'torii:read', JSON.stringify(tokens));
  await page.goto(`${origin}/connections`);
  await enter(page);
  await reach(page.getByRole('button', { name: 'Disconnect Walking assistant' }));
  await page.keyboard.press('Enter');
  await page.getByRole('status').waitFor();
  check('and to disconnect', await listStatus(tokens.access_token) === 401);
  await context.close();
}
