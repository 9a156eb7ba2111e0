#!/usr/bin/env node
// Compares what `redocly diff` calls major with what we do, over the changes of `docs/reference/schema-change-matrix.md`.
// node tests/redocly-diff.mjs REDOCLY    REDOCLY is the program
// Run `cargo test --test it mutations` first, which writes the changed documents.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const [redocly] = process.argv.slice(2);
const root = new URL('..', import.meta.url).pathname;
const changes = join(root, 'target/tmp/mutations/each');
const folder = mkdtempSync(join(tmpdir(), 'redocly-diff-'));
const base = join(root, 'openapi/torii.json');
const run = promisify(execFile);

/** What `redocly diff` says of a changed document: the level of the next version, and its reasons for a major one. */
async function theirs(number, document) {
  const revision = join(folder, `${number}.json`);
  writeFileSync(revision, document);
  const said = await run(redocly, ['diff', base, revision, '--format', 'json'], { maxBuffer: 1 << 28 }).catch(error => error);
  const start = said.stdout?.indexOf('{') ?? -1;
  if (start < 0) return { level: 'refused', reasons: [] };
  const { bump, changes: list } = JSON.parse(said.stdout.slice(start));
  const reasons = list.flatMap(({ verdicts }) => verdicts.filter(({ impact }) => impact === 'major').map(({ ruleId }) => ruleId));
  return { level: list.length === 0 ? 'unchanged' : bump, reasons };
}

const numbers = readdirSync(changes).map(name => Number.parseInt(name, 10)).sort((one, other) => one - other);
const waiting = [...numbers];
const rows = [];
await Promise.all([0, 1].map(async () => {
  for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
    const { name, level, document } = JSON.parse(readFileSync(join(changes, `${number}.json`), 'utf8'));
    rows.push({ number, name, ours: level, ...await theirs(number, document) });
  }
}));
rmSync(folder, { recursive: true });
rows.sort((one, other) => one.number - other.number);
const counts = {};
for (const { ours, level } of rows) counts[`${level} there, ${ours} here`] = (counts[`${level} there, ${ours} here`] ?? 0) + 1;
console.log('| Change | `redocly diff` | here | its reasons |\n| --- | --- | --- | --- |');
for (const { name, ours, level, reasons } of rows.filter(({ ours, level }) => level === 'major' && !['major', 'refused'].includes(ours))) {
  console.log(`| ${name} | ${level} | ${ours} | ${[...new Set(reasons)].join(', ')} |`);
}
console.log(`\n${rows.length} changes`);
for (const [what, count] of Object.entries(counts).sort()) console.log(`${count}: ${what}`);
