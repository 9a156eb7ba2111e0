// The rule of judge.mjs, by examples. Prints a line for each that fails.

import { ANY, compare, judge } from './judge.mjs';

const names = {
  app: new Set(['Slack', 'Zoom', 'Figma', '1Password', 'Deel', 'Okta', 'Loom']),
  person: new Set(['Maya Chan', 'Omar Rossi']),
  workflow: new Set(['Report shadow apps', 'Report shadow apps (test)']),
  contract: new Set(['Slack 2025']),
};
const apps = { columns: ['app', 'count'], rows: [['Slack', 1254], ['Zoom', 808]] };
const costs = { columns: ['currency', 'cents'], rows: [['USD', 14601649], ['EUR', 500]] };
const unused = { columns: ['count', 'cents', 'currency'], rows: [[220, 14601600, 'USD']] };
const ends = { columns: ['contract', 'day'], rows: [['Slack 2025', '2027-10-08']] };
const shares = { columns: ['action', 'percent'], rows: [['sendSlackMessage', 8.9286]] };
const last = { columns: ['person', 'day'], rows: [['Maya Chan', '2026-11-27T08:46:17.262Z'], ['Omar Rossi', ANY]] };
const flows = { columns: ['workflow', 'count'], rows: [['Report shadow apps', 4], ['Report shadow apps (test)', 2]] };
const outside = { columns: ['total', 'person', 'count'], rows: [[110, 'Maya Chan', 15], [110, 'Omar Rossi', 12]] };
const spent = { columns: ['month', 'cents'], rows: [['2026-10', 20000], ['2026-09', 30000]] };
const done = { columns: ['action', 'count'], rows: [['update_contract', 2]] };
const departments = { columns: ['word', 'count'], rows: [['IT', 8], ['Sales', 3]] };
const none = { columns: ['app'], rows: [] };

const RIGHT = [
  [apps, 'Slack has 1,254 users, Zoom 808.'],
  [apps, '1. **Slack** – 1254\n2. **Zoom** – 808'],
  [apps, '| # | users | app |\n| 1 | 1,254 | Slack |\n| 2 | 808 | Zoom |'],
  [apps, '1,254 people use Slack, and 808 use Zoom. Figma and Okta come next.'],
  [costs, 'USD: 146,016.49\nEUR: 5.00'],
  [costs, '€5 and $146k'],
  [costs, '- **$146,016**\n- **€5**'],
  [unused, '220 licenses; dropping them saves $146,016 a year.'],
  [unused, '- 220 licenses are not used\n- without them, $146,016 less a year'],
  [ends, 'Slack 2025 ends on October 8, 2027.'],
  [ends, 'Slack 2025: 8 Oct 2027'],
  [ends, 'Slack 2025 | 2027-10-08'],
  [shares, '`sendSlackMessage` fails in 8.9% of its runs'],
  [shares, 'Sending a Slack message fails most: 9 %'],
  [last, 'Maya Chan (last on 27 November) and Omar Rossi'],
  [flows, 'Report shadow apps: 4\nReport shadow apps (test): two'],
  [outside, 'There are 110. Most apps: Maya Chan (15), Omar Rossi (12).'],
  [spent, 'September: $300.00\nOctober: $200.00'],
  [done, 'They updated a contract twice (2).'],
  [done, '- update_contract: 2'],
  [departments, 'Here it is, with items of each:\n- IT: eight\n- Sales: three'],
  [costs, '146 016.49 US dollars, and 5 euros'.replace(' ', '\u202f')],
  [none, 'No app came in.'],
];

const WRONG = [
  [apps, 'Slack has 1,254 users.', /does not name Zoom/],
  [apps, 'Slack has 1,254 users, Zoom 809.', /Zoom lacks count 808/],
  [apps, 'Slack 808\nZoom 1254', /Slack lacks count 1254/],
  [apps, 'Slack 11254, Zoom 808', /Slack lacks/],
  [apps, 'Slack 1254\nZoom 808\nFigma 20\n1Password 19\nOkta 18', /also names Figma, 1Password, Okta/],
  [costs, 'USD 14,601,649, EUR 500', /USD lacks cents/],
  [costs, 'USD 147,016, EUR 5', /USD lacks cents/],
  [costs, '$147k and €5', /USD lacks cents/],
  [unused, '220 licenses; EUR 146,016', /does not name USD/],
  [ends, 'Slack 2025 ends in 2027.', /lacks day/],
  [ends, 'Slack 2025: 2027-10-09', /lacks day/],
  [shares, 'sendSlackMessage: 8.4 %', /lacks percent/],
  [flows, 'Report shadow apps (test): 2', /does not name Report shadow apps/],
  [outside, 'Most apps: Maya Chan (15), Omar Rossi (12).', /lacks 110/],
  [spent, 'September: $200\nOctober: $300', /lacks cents/],
  [done, 'They deleted a contract 2 times.', /does not name update_contract/],
  [departments, 'IT: eighty\nSales: 3', /IT lacks count 8/],
  [departments, 'it has 8\nSales: 3', /does not name IT/],
  [none, 'Slack came in.', /does not say that there is nothing/],
  [apps, '', /does not name Slack/],
];

const ROWS = [
  [apps, [['Zoom', 808], ['Slack', 1254]], undefined],
  [last, [['Maya Chan', '2026-11-27'], ['Omar Rossi', '2026-01-01']], undefined],
  [shares, [['sendSlackMessage', 8.9]], undefined],
  [apps, [['Slack', 1254]], /no row is \["Zoom",808\]/],
  [apps, [['Zoom', 808], ['Slack', 1254], ['Figma', 1]], /there is also \["Figma",1\]/],
  [costs, [['USD', 14601649.5], ['EUR', 500]], /no row is/],
];

let passed = 0;
const failures = [];
function expect(what, wrong, pattern) {
  if (pattern ? pattern.test(wrong ?? '') : wrong === undefined) passed += 1;
  else failures.push(`FAILED  ${what}: ${wrong ?? 'taken for right'}`);
}
for (const [answer, text] of RIGHT) expect(text, judge(text, answer, 'Which?', names));
for (const [answer, text, pattern] of WRONG) expect(text, judge(text, answer, 'Which?', names), pattern);
for (const [answer, rows, pattern] of ROWS) expect(JSON.stringify(rows), compare(rows, answer), pattern);
console.log([...failures, `${passed} passed, ${failures.length} failed`].join('\n'));
process.exitCode = failures.length > 0 ? 1 : 0;
