// Whether what came back is the right answer. `compare` is for the rows of a replayed call: they have to be the rows of the answer, in any
// order. `judge` is for what a model wrote, and its rule is this:
//
// - Every row of the answer is there. Its first name, word, month or currency has to be written, and its other cells near it: on the same
//   line; below it, if it is a heading; if a line has several such names, after each of them or before each of them; anywhere, if the
//   answer has one row only. Names are matched whole: "Slack 2025" does not name Slack.
// - A count is exact, in digits or, up to twelve, as a word. Money is in units of the currency, not in cents; money, percentages and
//   averages may be rounded, to whole units at most, money also to thousands or millions that say so ("146k", "$1.2 million").
// - A day is written as 2026-11-28 or with the month's name; a month as 2026-11 or by its name. A currency is a code or a sign. An action
//   is its name or its words ("update_contract", "updated a contract").
// - Besides, no more than two other items of the list that the answer names are named, except those in the question: who lists
//   everything has answered nothing. If there is nothing to name, the answer says so: "no", "none", "nobody", "nothing" or 0.

/** A cell that any value is right for. */
export const ANY = Symbol('any');

const LISTS = ['app', 'person', 'workflow', 'contract'];
const KEYS = [...LISTS, 'action', 'word', 'month', 'currency'];
const OTHERS = 2;
const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const SIGNS = { USD: ['$', 'dollars'], EUR: ['€', 'euros', 'euro'], GBP: ['£', 'pounds'] };
const DATE = new RegExp(String.raw`\b(\d{4})-(\d\d)-(\d\d)|\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthNames()})\.?(?:,? (\d{4}))?`
  + String.raw`|\b(${monthNames()})\.? (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4}))?`, 'gi');
const NUMBER = /(?<![\w.,])(\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+|\d+)(?:\.(\d+))?(?: ?(k|m|thousand|million)\b)?(?![\w]|[.,]\d)/gi;

function monthNames() {
  return MONTHS.map((month) => `${month}|${month.slice(0, 3)}|${month.slice(0, 4)}`).join('|');
}

const PRECISION = { average: 2, percent: 1 };

/** A cell as it is compared: what rounds has a few digits, and a time is its day. */
function plain(kind, value) {
  if (kind === 'day' && typeof value === 'string') return value.slice(0, 10);
  if (kind in PRECISION && typeof value === 'number') return Number(value.toFixed(PRECISION[kind]));
  return value;
}

/** What is wrong with the rows of a call; `undefined` if they are the answer. */
export function compare(rows, { columns, rows: expected }) {
  const left = rows.map((row) => row.map((value, index) => plain(columns[index], value)));
  for (const row of expected) {
    const is = (given) => given.length === row.length && row.every((value, at) => value === ANY || plain(columns[at], value) === given[at]);
    const found = left.findIndex(is);
    if (found < 0) return `no row is ${JSON.stringify(row.map((value) => (value === ANY ? '…' : value)))}`;
    left.splice(found, 1);
  }
  return left.length > 0 ? `there is also ${JSON.stringify(left[0])}` : undefined;
}

/** Everything in the organization that has a name, by its list. */
export function vocabulary({ apps, users, workflows, contracts }) {
  return {
    app: new Set(apps.map((app) => app.name)),
    person: new Set(users.map((user) => `${user.firstName} ${user.lastName}`)),
    workflow: new Set(workflows.map((workflow) => workflow.name)),
    contract: new Set(contracts.map((contract) => contract.name)),
  };
}

/** What is wrong with a written answer to a question; `undefined` if it is right. */
export function judge(text, { columns, rows }, ask, names) {
  const read = text.replace(/[*`_]{2,}|`/g, '');
  if (rows.length === 0 && !/\b(no|none|nobody|nothing|zero|0)\b/i.test(read)) return 'it does not say that there is nothing';
  const key = columns.findIndex((kind) => KEYS.includes(kind));
  const kind = columns[key];
  const named = mentions(read, names);
  const hidden = hide(read, named);
  const places = new Map();
  if (key >= 0) {
    for (const row of rows) {
      const found = LISTS.includes(kind) ? named.filter((one) => one.name === row[key]) : spots(read, kind, row[key]);
      if (found.length === 0) return `it does not name ${row[key]}`;
      places.set(row[key], found);
    }
  }
  const all = [...places.values()].flat().sort((one, other) => one.from - other.from);
  const total = columns.indexOf('total');
  if (rows.length > 0 && total >= 0 && !holds(hidden, { kind: 'total', value: rows[0][total] })) return `it lacks ${rows[0][total]}`;
  const lacks = (row, direction) => {
    const cells = row.map((value, at) => ({ kind: columns[at], value })).filter(({ value }, at) => at !== key && at !== total && value !== ANY);
    const windows = rows.length === 1 ? [hidden] : places.get(row[key]).map((place) => around(hidden, place, all, direction));
    const missing = windows.map((window) => cells.find((cell) => !holds(window, cell)));
    const who = rows.length === 1 ? 'it' : row[key];
    return missing.includes(undefined) ? undefined : `${who} lacks ${missing[0].kind} ${missing[0].value}`;
  };
  const faults = ['after', 'before'].map((direction) => rows.map((row) => lacks(row, direction)).find((fault) => fault));
  if (!faults.includes(undefined)) return faults[0];
  if (LISTS.includes(kind)) {
    const right = new Set(rows.map((row) => row[key]));
    const others = new Set(named.map((one) => one.name).filter((name) => names[kind].has(name) && !right.has(name) && !ask.includes(name)));
    if (others.size > OTHERS) return `it also names ${[...others].slice(0, OTHERS + 1).join(', ')}`;
  }
  return undefined;
}

/** Where names stand, the longest where several do. */
function mentions(text, names) {
  const all = [...new Set(LISTS.flatMap((kind) => [...names[kind]]))].sort((one, other) => other.length - one.length);
  const escaped = all.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (escaped.length === 0) return [];
  const found = text.matchAll(new RegExp(String.raw`(?<![\p{L}\d])(?:${escaped.join('|')})(?![\p{L}\d])`, 'gu'));
  return [...found].map((match) => ({ name: match[0], from: match.index, to: match.index + match[0].length }));
}

/** The text without names and the numbers of a list's items, whose digits say nothing. */
function hide(text, named) {
  let hidden = text.replace(/^\s*\d+[.)](?=\s)/gm, (number) => ' '.repeat(number.length));
  for (const { from, to } of named) hidden = hidden.slice(0, from) + ' '.repeat(to - from) + hidden.slice(to);
  return hidden;
}

/** Where a word, a month, a currency or an action is written. What is in capitals, as the department IT, is looked for in capitals. */
function spots(text, kind, value) {
  const forms = { currency: [value, ...(SIGNS[value] ?? [])], month: kind === 'month' && months(value) }[kind] || [String(value)];
  const found = forms.flatMap((form) => {
    const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const whole = /\w/.test(form) ? String.raw`(?<![\p{L}\d])${escaped}(?!\p{L})` : escaped;
    const flags = form === form.toUpperCase() ? 'gu' : 'giu';
    return [...text.matchAll(new RegExp(whole, flags))].map(({ index }) => ({ from: index, to: index + form.length }));
  });
  if (kind !== 'action' || found.length > 0) return found;
  // "updated a contract" for `update_contract`, on one line
  const stems = value.replace(/([A-Z])/g, '_$1').toLowerCase().split('_').map((word) => word.slice(0, 4));
  let from = 0;
  for (const line of text.toLowerCase().split('\n')) {
    if (stems.every((stem) => line.includes(stem))) found.push({ from, to: from + line.length });
    from += line.length + 1;
  }
  return found;
}

function months(value) {
  const name = MONTHS[Number(value.slice(5, 7)) - 1];
  return [value, name, name.slice(0, 3), name.slice(0, 4)];
}

/** What belongs to a name: its line, or what follows if it is a heading; beside others on a line, what stands after or before it. */
function around(text, place, all, direction) {
  const next = all.find((other) => other.from >= place.to)?.from ?? text.length;
  const former = all.findLast((other) => other.to <= place.from)?.to ?? 0;
  const lineStart = text.lastIndexOf('\n', place.from) + 1;
  const lineEnd = (text.indexOf('\n', place.to) + 1 || text.length + 1) - 1;
  if (former > lineStart || next < lineEnd) return direction === 'after' ? text.slice(place.to, next) : text.slice(former, place.from);
  const line = text.slice(lineStart, lineEnd);
  if (/\d/.test(line.replace(text.slice(place.from, place.to), ''))) return line;
  return text.slice(lineStart, next === text.length ? next : text.lastIndexOf('\n', next));
}

/** Whether a stretch of text says the value. */
function holds(window, { kind, value }) {
  const days = () => [...window.matchAll(DATE)].map(([, year, month, day, day2, name, year2, name2, day3, year3]) => ({
    year: year ?? year2 ?? year3,
    month: month ? Number(month) : MONTHS.findIndex((each) => each.startsWith((name ?? name2).toLowerCase().slice(0, 3))) + 1,
    day: Number(day ?? day2 ?? day3),
  }));
  switch (kind) {
    case 'day': {
      const [year, month, day] = value.slice(0, 10).split('-');
      return days().some((one) => (one.year ?? year) === year && one.month === Number(month) && one.day === Number(day));
    }
    case 'month': case 'currency': case 'action': case 'word':
      return spots(window, kind, value).length > 0;
    case 'count': case 'total':
      return numbers(window).some((one) => one.value === value) || spots(window, 'word', WORDS[value] ?? '\0').length > 0;
    case 'cents':
      return numbers(window).some((one) => Math.abs(one.value - value / 100) <= one.unit / 2 + 1e-9);
    case 'percent': case 'average':
      return numbers(window).some((one) => one.unit <= 1 && Math.abs(one.value - value) <= one.unit / 2 + 1e-9);
    default:
      return window.includes(value);
  }
}

/** The numbers in a text, each with the unit that it is rounded to; days are none. */
function numbers(text) {
  return [...text.replace(DATE, ' ').matchAll(NUMBER)].map(([, whole, fraction = '', scale = '']) => {
    const times = { k: 1e3, t: 1e3, m: 1e6 }[scale[0]?.toLowerCase()] ?? 1;
    return { value: Number(`${whole.replace(/\D/g, '')}.${fraction || 0}`) * times, unit: times / 10 ** fraction.length };
  });
}
