// The suite cannot send a token, so this does: it passes each request on to the server at UPSTREAM, with TOKEN, and prints where it
// listens. `Host` and `Origin` arrive as the suite sent them, because it checks what the server makes of them.

import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream';

const { UPSTREAM, TOKEN } = process.env;
const { hostname, port } = new URL(UPSTREAM);

const proxy = createServer((asked, answer) => {
  const { method, url: path } = asked;
  const headers = { ...asked.headers, authorization: `Bearer ${TOKEN}` };
  const passed = request({ hostname, port, method, path, headers });
  passed.on('response', (came) => {
    answer.writeHead(came.statusCode, came.headers);
    pipeline(came, answer, () => {});
  });
  // an answer that has begun can only be cut off
  passed.on('error', (error) => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end(`${error}\n`)));
  // whoever goes away no longer listens to a stream
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
});
proxy.listen(0, '127.0.0.1', () => console.log(`http://localhost:${proxy.address().port}`));
