// What a client gets instead of a browser.   browser.mjs KEY ADDRESS
// It signs in, allows what is ticked, and opens the address that the client waits at.

import { follow } from '../user.mjs';

const ATTEMPTS = 20;

const [key, address] = process.argv.slice(2);
// A client may expect the answer only a moment after it opened the browser. No person is as fast as this, and one who is would try again.
for (let attempt = 1; ; attempt += 1) {
  const back = await follow(address, key);
  const answer = await fetch(back);
  if (answer.ok) break;
  if (attempt === ATTEMPTS) throw new Error(`${answer.status} at ${back.origin}${back.pathname}: ${await answer.text()}`);
}
