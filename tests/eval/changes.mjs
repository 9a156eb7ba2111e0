// Whether a question changed what it should, and nothing else: the lists of the sample before and after are compared.

import { isDeepStrictEqual } from 'node:util';

import { organization } from './sample.mjs';

const LISTS = ['apps', 'users', 'contracts', 'transactions', 'workflows', 'accounts'];

/** The lists that a change may touch, with the apps of the person whom one of the questions is about. */
export async function state(address, key) {
  const lists = await organization(address, key, { withLogs: false });
  return { ...lists, accounts: await lists.appsOf(lists.person('Daniel Evans')) };
}

/** What is wrong after a change; `undefined` if it is as it should be. */
export function compareState(before, after, { list, is, set, isGone, follows = [] }) {
  for (const name of LISTS) {
    const [target, ...others] = name === list ? before[name].filter(is) : [];
    if (name === list && (!target || others.length > 0)) throw new Error(`there is not exactly one item to change in ${name}`);
    const left = isGone ? before[name].filter((item) => item !== target) : before[name];
    const expected = new Map(left.map((item) => [item.id, item === target ? { ...item, ...set } : item]));
    for (const item of after[name]) {
      const wanted = expected.get(item.id);
      if (!wanted) return `${name} has ${item.id}, which should not be there`;
      expected.delete(item.id);
      const keys = Object.keys({ ...wanted, ...item }).filter((key) => !follows.includes(key));
      const wrong = keys.find((key) => !isDeepStrictEqual(item[key], wanted[key]));
      if (wrong) return `${name}: ${wrong} of ${item.id} is ${JSON.stringify(item[wrong])} instead of ${JSON.stringify(wanted[wrong])}`;
    }
    if (expected.size > 0) return `${name} lacks ${[...expected.keys()][0]}`;
  }
  return undefined;
}
