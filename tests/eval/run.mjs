// Asks the questions of questions.json, and prints what each took.   tests/eval/run --help

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { answers, changes, clock } from './answers.mjs';
import { compareState, state } from './changes.mjs';
import { judge, vocabulary } from './judge.mjs';
import { converse, fromEnvironment } from './model.mjs';
import { check, replay } from './replay.mjs';
import { organization } from './sample.mjs';
import { connect, packages, READING_KEY } from './servers.mjs';

const FILE = fileURLToPath(new URL('questions.json', import.meta.url));
const HELP = `Asks questions about the sample organization, and checks answers, calls and tokens.

  tests/eval/run                        replays the recorded calls of all questions
  tests/eval/run --questions 15         some at random; --seed N repeats a choice
  tests/eval/run --only renewals,pipeline
  tests/eval/run --write                records what the calls took as bounds, with a tenth to spare

With EVAL_API (openai, anthropic) and EVAL_MODEL a model answers instead; EVAL_BASE_URL and EVAL_API_KEY say where and with which key.`;
/** The goal for the twelve everyday questions, in tokens of results. */
const EVERYDAY = 4_500;

function parse() {
  return parseArgs({
    options: {
      program: { type: 'string' },
      clients: { type: 'string' },
      questions: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      write: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  }).values;
}

/** Some of the questions, the same for the same seed. */
function picked(questions, count, seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const left = [...questions];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(random() * left.length), 1)[0]);
}

function chosen(questions, options) {
  if (options.only) {
    return options.only.split(',').map((id) => {
      const question = questions.find((one) => one.id === id);
      if (!question) throw new Error(`no question is \`${id}\`; questions.json has them`);
      return question;
    });
  }
  if (options.questions === undefined) return questions;
  const [count, seed] = [options.questions, options.seed ?? String(Date.now() % 100_000)].map(Number);
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) throw new Error('`--questions` and `--seed` are whole numbers');
  console.log(`${count} questions, seed ${seed}\n`);
  return picked(questions, count, seed);
}

/** One question, by the recorded calls or by a model. */
async function ask(question, server, { model, tokens, lists, times }) {
  const before = question.kind === 'change' ? await state(server.torii, READING_KEY) : undefined;
  const confirmed = server.confirmations();
  const done = await (model ? converse(model, question, server) : replay(question, server));
  let wrong = done.wrong;
  if (!wrong && before) {
    const after = await state(server.torii, READING_KEY);
    wrong = compareState(before, after, changes[question.id](before));
    const asked = server.confirmations() - confirmed;
    if (!wrong && asked !== (question.confirmed ? 1 : 0)) wrong = `the person was asked ${asked} times`;
  } else if (!wrong && model) {
    const right = [await answers[question.id](lists, times)].flat();
    const faults = right.map((answer) => judge(done.text, answer, question.ask, vocabulary(lists)));
    wrong = faults.includes(undefined) ? undefined : faults[0];
  } else if (!wrong) {
    wrong = await check(question, done.rows, lists, times);
  }
  // as a client joins them, and as docs/explanation/token-budget.md counts
  return { ...done, wrong, tokens: tokens(done.read.map((text) => `${text}\n`).join('')) };
}

/** What is above its bound. */
function above({ atMost }, { calls, tokens }) {
  if (calls > atMost.calls) return `${calls} calls, at most ${atMost.calls}`;
  return tokens > atMost.tokens ? `${tokens} tokens, at most ${atMost.tokens}` : undefined;
}

/** Asks all that was chosen; whether nothing failed. */
async function run(questions, model, libraries, options) {
  const times = clock();
  const results = [];
  const fresh = async () => {
    const server = await connect(options.program, libraries);
    return { server, lists: await organization(server.torii, READING_KEY) };
  };
  const shared = model ? undefined : await fresh();
  console.log(`${row('question', 'team', 'kind', 'calls', 'tokens')}  answer`);
  for (const question of questions) {
    // a model may change anything, so that each question has a sample of its own
    const { server, lists } = shared ?? await fresh();
    const result = await ask(question, server, { model, tokens: libraries.tokens, lists, times: model ? clock() : times }).catch((error) => ({ error }));
    if (!shared) await server.end();
    if (result.error) {
      // what was asked so far may have cost something
      if (results.length > 0) totals(results);
      throw result.error;
    }
    if (!model && !options.write) result.wrong ??= above(question, result);
    results.push({ question, ...result });
    const { id, team, kind } = question;
    console.log(`${row(id, team, kind, result.calls, result.tokens)}  ${result.wrong ? `WRONG: ${result.wrong}` : 'right'}`);
    if (model && result.wrong) console.log(`  ${question.ask}\n${(result.text ?? '').trim().replace(/^/gm, '  > ')}`);
  }
  totals(results);
  if (shared) {
    await columns(results, shared, libraries);
    await shared.server.end();
  } else {
    ofModel(results);
  }
  const everyday = results.filter(({ question }) => question.everyday);
  const isDear = !model && everyday.length === 12 && sum(everyday, 'tokens') > EVERYDAY;
  if (isDear) console.log(`FAILED  the twelve everyday questions take more than ${EVERYDAY} tokens`);
  const failed = results.filter(({ wrong }) => wrong).length + (isDear ? 1 : 0);
  console.log(`${results.length} asked, ${failed} failed`);
  // recorded calls say `date('now')`, so beyond midnight their answers are those of another day
  if (failed > 0 && !model && clock().today !== times.today) {
    console.log('\nMeanwhile it is another day. Once more:\n');
    return run(questions, model, libraries, options);
  }
  if (options.write && failed === 0) write(results);
  return failed === 0;
}

function row(id, team, kind, calls, tokens) {
  return [id.padEnd(23), team.padEnd(11), kind.padEnd(9), String(calls).padStart(5), String(tokens).padStart(6)].join(' ');
}

function sum(results, of) {
  return results.reduce((total, result) => total + result[of], 0);
}

function totals(results) {
  console.log('');
  for (const [title, some] of [['together', results], ['everyday', results.filter(({ question }) => question.everyday)]]) {
    if (some.length === 0) continue;
    const right = some.filter(({ wrong }) => !wrong).length;
    console.log(`${title}: ${right} of ${some.length} right, ${sum(some, 'calls')} calls, ${sum(some, 'tokens')} tokens of results`);
  }
}

function ofModel(results) {
  const right = results.filter(({ wrong }) => !wrong).length;
  const [sent, written] = [0, 1].map((at) => results.reduce((total, { paid }) => total + (paid?.[at] ?? 0), 0));
  console.log(`accuracy: ${Math.round(100 * right / results.length)} %`);
  if (sent + written > 0) console.log(`as the model's service counts: ${sent} tokens in, ${written} out`);
}

/** What it costs to look up the columns of the tables, once each: the recorded calls know them. */
async function columns(results, { server }, { tokens }) {
  const tables = [...new Set(results.flatMap((result) => [...result.tables]))].sort();
  let cost = 0;
  for (const table of tables) cost += tokens((await server.call('query', { sql: `columns ${table}` })).texts.join('\n'));
  console.log(`besides: the columns of the ${tables.length} tables, once each: ${cost} tokens`);
}

/** Records what the calls took, with a tenth to spare: dates move, and with them what is in a month. */
function write(results) {
  let text = readFileSync(FILE, 'utf8');
  for (const { question, calls, tokens } of results) {
    const at = text.indexOf('"atMost":', text.indexOf(`"id": "${question.id}"`));
    const spare = Math.ceil(tokens * 1.1 / 10) * 10;
    text = text.slice(0, at) + text.slice(at).replace(/"atMost": \{.*\}/, `"atMost": { "calls": ${calls}, "tokens": ${spare} }`);
  }
  writeFileSync(FILE, text);
}

async function main() {
  const options = parse();
  if (options.help) return console.log(HELP);
  const model = fromEnvironment(process.env);
  const questions = chosen(JSON.parse(readFileSync(FILE, 'utf8')), options);
  // recorded calls are all played on one sample, so what changes it comes last
  const order = model ? questions : [false, true].flatMap((isLast) => questions.filter(({ kind }) => (kind === 'change') === isLast));
  const isRight = await run(order, model, packages(options.clients), options);
  // how good a model is, is a finding and no fault
  process.exitCode = isRight || model ? 0 : 1;
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  // with what was started
  process.exit(2);
});
