// The way through a model, with a stand-in for both interfaces: a local server that plays a model's turns. What it asks for and what
// it writes is made from what the tools returned, so that nothing here knows an answer.   model.test.mjs --program … --clients …

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const questions = JSON.parse(readFileSync(beside('questions.json'), 'utf8'));
const KEY = 'not-a-secret';

/** The recorded calls of a question, with what the call before returned. */
function recorded(id, at, rows = []) {
  const { tool, arguments: args } = questions.find((question) => question.id === id).calls[at];
  const filled = JSON.stringify(args).replace(/"<cell (\d+)>"/g, (_, number) => JSON.stringify(rows[0][number - 1]));
  return { name: tool, args: JSON.parse(filled) };
}
const rows = (result) => JSON.parse(result).rows;
const money = (cents) => (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });

/** The turns of the stand-in: calls, or a text that ends the conversation. Each gets what the calls of the turn before returned. */
const TURNS = {
  'not-signed': [
    () => [recorded('not-signed', 0)],
    ([result]) => `There are ${rows(result)[0][0]} such contracts.`,
  ],
  // two calls at once, the second of a tool that does not exist
  'undecided-apps': [
    () => [recorded('undecided-apps', 0), { name: 'guess_apps', args: {} }],
    ([result, failure]) => {
      assert.match(failure, /guess_apps/);
      return rows(result).map(([name, count]) => `- **${name}**: ${count} users`).join('\n');
    },
  ],
  // a sum that is a cent in a hundred too high
  'contract-costs': [
    () => [recorded('contract-costs', 0)],
    ([result]) => rows(result).map(([currency, cents]) => `${currency} ${money(Math.round(cents * 1.01))}`).join('\n'),
  ],
  'delete-contract': [
    () => [recorded('delete-contract', 0)],
    ([result]) => [recorded('delete-contract', 1, rows(result))],
    () => 'The contract is deleted.',
  ],
  // says so, and has not done it
  'close-app': [() => 'Optimizely is closed.'],
};
const ASKED = Object.keys(TURNS);

/** What the two interfaces send and expect. */
const INTERFACES = {
  openai: {
    path: '/chat/completions',
    headers: { authorization: `Bearer ${KEY}` },
    ask: ({ messages: [system, user] }) => {
      assert.equal(system.role, 'system');
      return user.content;
    },
    tools: ({ tools }) => tools.map((tool) => [tool.type, tool.function.name, tool.function.parameters.type]),
    results: ({ messages }) => {
      const asked = messages.findLast((message) => message.tool_calls).tool_calls.map(({ id }) => id);
      const given = messages.slice(-asked.length);
      assert.deepEqual(given.map((message) => [message.role, message.tool_call_id]), asked.map((id) => ['tool', id]));
      return given.map((message) => message.content);
    },
    calls: (calls) => ({
      content: null,
      tool_calls: calls.map(({ name, args }, at) => ({ id: `call-${at}`, type: 'function', function: { name, arguments: JSON.stringify(args) } })),
    }),
    text: (content) => ({ content }),
    wrap: (message) => ({ choices: [{ message: { role: 'assistant', ...message } }], usage: { prompt_tokens: 100, completion_tokens: 10 } }),
  },
  anthropic: {
    path: '/v1/messages',
    headers: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
    ask: ({ system, max_tokens: limit, messages: [user] }) => {
      assert.ok(system.length > 0 && limit > 0);
      return user.content;
    },
    tools: ({ tools }) => tools.map((tool) => ['function', tool.name, tool.input_schema.type]),
    results: ({ messages }) => {
      const asked = messages.at(-2).content.map(({ id }) => id);
      const given = messages.at(-1).content;
      assert.deepEqual(given.map((block) => [block.type, block.tool_use_id]), asked.map((id) => ['tool_result', id]));
      return given.map((block) => block.content);
    },
    calls: (calls) => calls.map(({ name, args }, at) => ({ type: 'tool_use', id: `call-${at}`, name, input: args })),
    text: (text) => [{ type: 'text', text }],
    wrap: (content) => ({ content, usage: { input_tokens: 100, output_tokens: 10 } }),
  },
};

/** Plays a model until it is closed. The first request is refused for its rate. */
async function standIn(kind, faults) {
  const turns = new Map(ASKED.map((id) => [questions.find((question) => question.id === id).ask, { turns: TURNS[id], next: 0 }]));
  let refused = false;
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const reply = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (!refused) {
      refused = true;
      return reply(429, { error: 'too many' }, { 'retry-after': '0' });
    }
    try {
      assert.equal(request.url, kind.path);
      for (const [name, value] of Object.entries(kind.headers)) assert.equal(request.headers[name], value);
      const body = JSON.parse(Buffer.concat(parts));
      assert.equal(body.model, 'stand-in');
      const tools = kind.tools(body);
      assert.ok(tools.length >= 10 && tools.some(([, name]) => name === 'query') && tools.every(([type, , schema]) => type === 'function' && schema === 'object'));
      const conversation = turns.get(kind.ask(body));
      const turn = conversation.turns[conversation.next](conversation.next > 0 ? kind.results(body) : []);
      conversation.next += 1;
      return reply(200, kind.wrap(typeof turn === 'string' ? kind.text(turn) : kind.calls(turn)));
    } catch (error) {
      faults.push(error);
      return reply(400, { error: error.message });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function run(api, address) {
  const env = { PATH: process.env.PATH, EVAL_API: api, EVAL_BASE_URL: address, EVAL_MODEL: 'stand-in', EVAL_API_KEY: KEY, NO_PROXY: '127.0.0.1' };
  const args = [beside('run.mjs'), ...process.argv.slice(2), '--only', ASKED.join(',')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, said, complained) => resolve({ code: error?.code ?? 0, said, complained }));
  });
}

let failed = 0;
for (const [api, kind] of Object.entries(INTERFACES)) {
  const faults = [];
  const server = await standIn(kind, faults);
  const { code, said, complained } = await run(api, `http://127.0.0.1:${server.address().port}`);
  server.close();
  try {
    assert.deepEqual(faults, []);
    assert.equal(code, 0);
    for (const [id, verdict] of [
      ['not-signed', 'right'],
      ['undecided-apps', 'right'],
      ['contract-costs', 'WRONG: .* lacks cents'],
      ['delete-contract', 'right'],
      ['close-app', 'WRONG: apps: state of'],
    ]) assert.match(said, new RegExp(`^${id} .*  ${verdict}`, 'm'));
    assert.match(said, /^together: 3 of 5 right, 6 calls, \d+ tokens of results$/m);
    assert.match(said, /^accuracy: 60 %$/m);
    assert.match(said, /^as the model's service counts: 1000 tokens in, 100 out$/m);
    assert.ok(!`${said}${complained}`.includes(KEY), 'the key is printed nowhere');
    console.log(`ok      ${api}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${api}: ${error.stack}\n${said}${complained}`);
  }
}
console.log(`${2 - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
