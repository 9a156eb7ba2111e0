// Plays the recorded calls of a question: the best that an assistant can do which knows the tables.

import { answers } from './answers.mjs';
import { compare } from './judge.mjs';

/** The calls of a question, one after the other; what was read, and the rows of the last. */
export async function replay(question, server) {
  const read = [];
  const tables = new Set();
  let rows = [];
  let calls = 0;
  for (const { tool, arguments: given } of question.calls) {
    const { isError, texts } = await server.call(tool, filled(given, rows[0] ?? []));
    calls += 1;
    read.push(...texts);
    if (isError) return { read, calls, tables, wrong: `${tool} failed: ${texts.join(' ')}` };
    const body = JSON.parse(texts[0]);
    rows = body.rows ?? [];
    for (const { table } of body.tables ?? []) tables.add(table);
  }
  return { read, calls, tables, rows };
}

/** `<cell 2>` stands for the second value of the row that the call before returned. */
function filled(value, row) {
  if (Array.isArray(value)) return value.map((item) => filled(item, row));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, filled(of, row)]));
  const cell = typeof value === 'string' && /^<cell (\d+)>$/.exec(value);
  return cell ? row[cell[1] - 1] : value;
}

/** What is wrong with the rows; `undefined` if they are one of the answers. */
export async function check(question, rows, lists, times) {
  const right = [await answers[question.id](lists, times)].flat();
  const wrong = right.map((answer) => compare(rows, answer));
  return wrong.includes(undefined) ? undefined : wrong[0];
}
