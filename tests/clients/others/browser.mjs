// What a client gets instead of a browser.   browser.mjs KEY ADDRESS
// It signs in, allows what is ticked, and opens the address that the client waits at.

import { follow } from '../user.mjs';

const [key, address] = process.argv.slice(2);
const back = await follow(address, key);
const answer = await fetch(back);
if (!answer.ok) throw new Error(`${answer.status} at ${back.origin}${back.pathname}: ${await answer.text()}`);
