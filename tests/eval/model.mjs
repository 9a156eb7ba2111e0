// Lets a model answer a question with the server's tools, over one of the two interfaces that most models have: OpenAI's chat completions
// or Anthropic's messages. No SDK is needed for that.

import { setTimeout as pause } from 'node:timers/promises';

const CALLS = 30;
const TRIES = 5;
const MAX_TOKENS = 4096;

/** What the environment says of the model; `undefined` if it names none. */
export function fromEnvironment(env) {
  const api = env.EVAL_API;
  if (!api) return undefined;
  if (!(api in APIS)) throw new Error(`\`EVAL_API\` is \`${api}\`; set it to one of ${Object.keys(APIS).map((name) => `\`${name}\``).join(', ')}`);
  if (!env.EVAL_MODEL) throw new Error('`EVAL_MODEL` is not set; set it to the name of the model');
  const { variable, address } = APIS[api];
  const url = (env.EVAL_BASE_URL ?? env[`${variable}_BASE_URL`] ?? address).replace(/\/+$/, '');
  // a model on the same machine often wants no key
  return { api, url, name: env.EVAL_MODEL, key: env.EVAL_API_KEY ?? env[`${variable}_API_KEY`] ?? '' };
}

/** What the two interfaces call things. A conversation is the list of their own messages. */
const APIS = {
  openai: {
    variable: 'OPENAI',
    address: 'https://api.openai.com/v1',
    path: '/chat/completions',
    headers: (key) => (key ? { authorization: `Bearer ${key}` } : {}),
    body: (system, messages, tools) => ({
      messages: [{ role: 'system', content: system }, ...messages],
      tools: tools.map(({ name, description, inputSchema }) => ({ type: 'function', function: { name, description, parameters: inputSchema } })),
    }),
    turn: ({ choices: [{ message }], usage }) => ({
      message,
      text: message.content ?? '',
      calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({ id, name, ...parsed(text) })),
      paid: [usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0],
    }),
    results: (results) => results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text })),
  },
  anthropic: {
    variable: 'ANTHROPIC',
    address: 'https://api.anthropic.com',
    path: '/v1/messages',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    body: (system, messages, tools) => ({
      system,
      max_tokens: MAX_TOKENS,
      messages,
      tools: tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema })),
    }),
    turn: ({ content, usage }) => ({
      message: { role: 'assistant', content },
      text: content.filter((block) => block.type === 'text').map((block) => block.text).join('\n'),
      calls: content.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, args: input })),
      paid: [usage?.input_tokens ?? 0, usage?.output_tokens ?? 0],
    }),
    results: (results) => [{
      role: 'user',
      content: results.map(({ id, text, isError }) => ({ type: 'tool_result', tool_use_id: id, content: text, is_error: isError })),
    }],
  },
};

/** A model may write arguments that are no JSON; it is told so. */
function parsed(text) {
  try {
    return { args: JSON.parse(text || '{}') };
  } catch (error) {
    return { fault: `the arguments are no JSON: ${error.message}` };
  }
}

/** Plays a conversation to its end: what the model answered, what it read, and how many calls it made. */
export async function converse(model, question, server) {
  const api = APIS[model.api];
  const { tools } = await server.client.listTools();
  const system = [
    server.client.getInstructions() ?? '',
    `You help somebody of the ${question.team} team. Answer their question with the tools, shortly and completely: names in full, amounts in units `
      + 'of their currency, days as 2026-01-31. They want the changes that they ask for, and nobody can answer a question of yours.',
  ].join('\n\n');
  const messages = [{ role: 'user', content: question.ask }];
  const read = [];
  const paid = [0, 0];
  let calls = 0;
  for (;;) {
    const turn = api.turn(await send(model, api, api.body(system, messages, tools)));
    turn.paid.forEach((tokens, at) => { paid[at] += tokens; });
    messages.push(turn.message);
    if (turn.calls.length === 0) return { text: turn.text, read, calls, paid };
    calls += turn.calls.length;
    if (calls > CALLS) return { text: '', read, calls, paid, wrong: `it made more than ${CALLS} calls` };
    // calls that a model makes at once are independent
    const results = await Promise.all(turn.calls.map((call) => answered(call, server)));
    read.push(...results.map(({ text }) => text));
    messages.push(...api.results(results));
  }
}

async function answered({ id, name, args, fault }, server) {
  if (fault) return { id, text: fault, isError: true };
  try {
    const { isError, texts } = await server.call(name, args);
    return { id, text: texts.join('\n'), isError };
  } catch (error) {
    return { id, text: error.message, isError: true };
  }
}

/** One request; what a model's service refuses for now is sent again. */
async function send(model, api, body) {
  for (let attempt = 1; ; attempt += 1) {
    const url = `${model.url}${api.path}`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...api.headers(model.key) },
      body: JSON.stringify({ model: model.name, ...body }),
    }).catch((error) => {
      throw new Error(`the model's service cannot be reached at ${url}: ${error.cause?.message ?? error.message}`);
    });
    if (answer.ok) return answer.json();
    const said = (await answer.text()).slice(0, 500);
    if (attempt === TRIES || (answer.status !== 429 && answer.status < 500)) throw new Error(`the model's service answers ${answer.status}: ${said}`);
    const seconds = Number(answer.headers.get('retry-after') ?? 2 ** attempt);
    await pause(1000 * (Number.isFinite(seconds) ? Math.min(seconds, 120) : 2 ** attempt));
  }
}
