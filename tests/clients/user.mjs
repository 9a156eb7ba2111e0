// The user at the browser: follows an address that a client wants opened, signs in with a key of Torii, and allows what the
// page has ticked, or these scopes instead. For other programs:   user.mjs KEY ADDRESS [SCOPE…]   prints where the client is sent back to.

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGES = 10;

/** Where the user ends up outside of the server: the address that brings the client its code. */
export async function follow(address, key, scopes = []) {
  const { origin } = new URL(address);
  const cookies = new Map();
  const open = async (url, form) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { accept: 'text/html', ...(cookie && { cookie }), ...(form && { origin }) };
    const answer = await fetch(url, { method: form ? 'POST' : 'GET', body: form, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) cookies.set(name, value); else cookies.delete(name);
    }
    return answer;
  };
  let answer = await open(address);
  for (let page = 0; page < PAGES; page += 1) {
    if (answer.headers.has('location')) {
      const next = new URL(answer.headers.get('location'), answer.url);
      if (next.origin !== origin) return next;
      answer = await open(next);
    } else {
      const text = await answer.text();
      const [action, form] = fill(text, key, scopes) ?? [];
      if (!action || answer.status !== 200) throw new Error(`${answer.status} at ${answer.url}: ${text}`);
      answer = await open(new URL(action, answer.url), form);
    }
  }
  throw new Error(`no end to the pages at ${address}`);
}

/** The sign-in page with the key filled in, or the consent page with its button to allow. */
function fill(page, key, scopes) {
  for (const [, head, body] of page.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
    const action = attribute(head, 'action');
    const inputs = [...body.matchAll(/<(?:input|button)([^>]*)>/g)].map(([, attributes]) => attributes);
    const form = new URLSearchParams();
    for (const input of inputs) {
      const [name, type] = [attribute(input, 'name'), attribute(input, 'type')];
      const value = name === 'key' ? key : attribute(input, 'value') ?? '';
      const isTicked = scopes.length > 0 ? scopes.includes(value) : / checked\b/.test(input);
      if (name && type !== 'submit' && (type !== 'checkbox' || isTicked)) form.append(name, value);
    }
    if (action === '/sign-in' && form.has('key')) return [action, form];
    if (action === '/oauth/authorize') return [action, (form.append('decision', 'allow'), form)];
  }
  return undefined;
}

function attribute(tag, name) {
  const found = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return found?.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, word) => (code ? String.fromCodePoint(code) : named[word] ?? whole));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [key, address, ...scopes] = process.argv.slice(2);
  console.log((await follow(address, key, scopes)).href);
}
