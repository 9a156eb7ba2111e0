// What a client of this server can count on, checked through whichever SDK the caller brings.
// Prints one line for each check; the process ends with 1 if one of them failed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

const [url, binary] = process.argv.slice(2);
export const server = { url, binary };

/** How the SDKs start the server: they pass on only what they are told to. */
const ours = Object.keys(process.env).filter((name) => name.startsWith('TORII_'));
export const stdio = { command: binary, args: ['stdio'], env: pick(process.env, ours) };

const DEFINITION = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'];
const expected = JSON.parse(execFileSync(binary, ['tools', '--json'], { maxBuffer: 64 << 20 })).tools
  .map((tool) => definition(tool))
  .sort((one, other) => (one.name < other.name ? -1 : 1));
let passed = 0;
let failed = 0;
setTimeout(() => { console.log('FAILED  it took longer than two minutes'); process.exit(1); }, 120_000).unref();

/**
 * Runs every check through `connect()`, which gives what an SDK makes of one connection:
 * `{ revision, tools(), call(name, args, onprogress), sdk, close() }`, where `sdk` is the SDK's own client. It checks answers against the
 * output schema.
 */
export async function suite(label, revision, connect) {
  const check = async (what, body) => {
    try {
      await body();
      passed += 1;
      console.log(`ok      ${label}: ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${label}: ${what}\n${error.stack}`);
    }
  };
  let client;
  await check('connects', async () => { client = await connect(); });
  if (!client) return;
  const answer = async (name, args, onprogress) => {
    const result = await client.call(name, args, onprogress);
    assert.ok(!result.isError, `${name}: ${JSON.stringify(result.content)}`);
    const [text, note] = result.content.map((content) => content.text);
    const { notice, ...response } = result.structuredContent;
    assert.deepEqual([JSON.parse(text), note], [response, notice], 'the texts are the structured content');
    return response;
  };
  const failure = async (name, args, text) => {
    const result = await client.call(name, args);
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, text);
  };

  await check(`speaks ${revision}`, () => assert.equal(client.revision, revision));
  await check(`lists the ${expected.length} tools as compiled in, sorted`, async () => {
    // `query` is the server's own
    const tools = (await client.tools()).filter((tool) => tool.name !== 'query');
    assert.deepEqual(tools.map((tool) => tool.name), expected.map((tool) => tool.name));
    tools.forEach((tool, index) => assert.deepEqual(definition(tool), expected[index]));
    assert.ok(tools.every((tool) => tool.outputSchema), 'every tool has an output schema for the SDK to check');
  });
  await check('finds a tool and runs it', async () => {
    const { tools } = await answer('find_tools', { query: 'which fields do apps have' });
    assert.ok(tools.length >= 5 && tools.every((tool) => tool.inYourList || tool.inputSchema.type === 'object'));
    assert.deepEqual(tools[0], { name: 'list_app_field_metadata', inYourList: true });
    const { app } = await answer('run_read_tool', { tool: 'get_app', arguments: { idApp: 1001 } });
    assert.equal(app.id, 1001);
  });
  await check('apps with more than 100 users', async () => {
    const filters = [{ key: 'activeUsersCount', op: 'gt', value: 100 }];
    const { apps } = await answer('list_apps', { filters, fields: ['id', 'name', 'activeUsersCount'], sort: ['activeUsersCount:desc'], size: 5 });
    assert.equal(apps.length, 5);
    assert.ok(apps.every((app) => app.activeUsersCount > 100));
    const { app } = await answer('get_app', { idApp: apps[0].id });
    assert.equal(app.name, apps[0].name);
  });
  await check('contracts that renew in the next 60 days', async () => {
    const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const filters = [{ key: 'End date', op: 'dayOnOrAfter', value: day(0) }, { key: 'End date', op: 'dayOnOrBefore', value: day(60) }];
    const { contracts } = await answer('list_contracts', { filters, fields: ['id', 'name', 'End date'] });
    assert.ok(contracts.length > 0);
  });
  await check('workflows that ran in the last 7 days', async () => {
    const weekAgo = Date.now() - 7 * 86_400_000;
    const ran = new Set();
    // The newest come first, so the first old one ends the search.
    for (let cursor, ended = false; !ended;) {
      const page = await answer('list_workflow_action_runs', { size: 100, ...(cursor && { cursor }) });
      const recent = page.response.filter((run) => Date.parse(run.creationTime) > weekAgo);
      recent.forEach((run) => ran.add(run.idWorkflow));
      cursor = page.nextCursor;
      ended = !cursor || recent.length < page.response.length;
    }
    assert.equal(ran.size, 28);
  });
  await check('pages by cursor', async () => {
    const first = await answer('list_users', { size: 2 });
    const second = await answer('list_users', { size: 2, cursor: first.nextCursor });
    assert.equal(new Set([...first.users, ...second.users].map((user) => user.id)).size, 4);
  });
  await check('pages followed on the server, with progress', async () => {
    const told = [];
    const { users } = await answer('list_users', { max_items: 250, fields: ['email'] }, ({ progress }) => told.push(progress));
    assert.equal(new Set(users.map((user) => user.email)).size, 250);
    assert.deepEqual(told, [100, 200, 250]);
  });
  await check('a part of an answer', async () => {
    const { value } = await answer('get_app', { idApp: 1001, part: '/app/name' });
    assert.equal(typeof value, 'string');
  });
  await check('a write, read back', async () => {
    const name = `Contract of ${label}`;
    const { contract } = await answer('create_contract', { name, idApp: 1001, status: 'active' });
    const { contract: read } = await answer('get_contract', { idContract: contract.id });
    assert.equal(read.name, name);
  });
  await check('what is not there is a result with isError', () => failure('get_app', { idApp: 999_999 }, /not found/));
  await check('a wrong argument is a result with isError', () => failure('list_apps', { filter: [] }, /did you mean `filters`/));
  await check('an unknown tool is the protocol error -32602', () => assert.rejects(
    () => client.call('no_such_tool', {}), (error) => { assert.equal(error.code, -32602); assert.match(error.message, /unknown tool/); return true; }));
  await check('what the organization calls its fields, read and completed', async () => {
    const { resources } = await client.sdk.listResources();
    assert.ok(resources.some(({ uri }) => uri === 'torii://fields/apps'));
    const { contents } = await client.sdk.readResource({ uri: 'torii://fields/apps' });
    assert.ok(JSON.parse(contents[0].text).fields.some(({ key, isCustom }) => key === 'c_annualBudget' && isCustom));
    const [{ uriTemplate }] = (await client.sdk.listResourceTemplates()).resourceTemplates;
    const { completion } = await client.sdk.complete({
      ref: { type: 'ref/resource', uri: uriTemplate }, argument: { name: 'q', value: 'budget' }, context: { arguments: { kind: 'apps' } },
    });
    assert.deepEqual(completion.values, ['c_annualBudget']);
  });
  await check('prompts with arguments', async () => {
    const { prompts } = await client.sdk.listPrompts();
    assert.ok(prompts.length >= 6 && prompts.every(({ title, description }) => title && description));
    const { messages } = await client.sdk.getPrompt({ name: 'renewals', arguments: { days: '45' } });
    assert.match(messages[0].content.text, /in the next 45 days/);
    await assert.rejects(() => client.sdk.getPrompt({ name: 'renewals', arguments: { days: 'x' } }), /whole number from 1 to 3650/);
  });
  await check('an unknown field is told with those that come close', () => failure('list_apps', { fields: ['ownr'] }, /`primaryOwner`/));
  await check('closes', () => client.close());
}

/** Prints how it went and ends the process. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

/** What a list has of a tool. Its schema is in the form that converters take, with the same arguments. */
function definition(tool) {
  const { properties, required } = tool.inputSchema;
  return { ...pick(tool, DEFINITION), inputSchema: { properties: Object.keys(properties), required } };
}

function pick(object, keys) {
  return Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]));
}
