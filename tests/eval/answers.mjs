// The right answer to each question that reads, and the right change for each that changes something, computed from whole lists of the
// sample's API (sample.mjs). Nothing here knows the server, its tables or SQL.
//
// An answer is `{ columns, rows }`: what a cell is, is said by its column, in judge.mjs. Where a question can be understood in more than
// one way, or answered in more than one form, it is a list of answers; the replayed calls have to give one of them.

import { ANY } from './judge.mjs';

const DAY = 86_400_000;

/** The moments that questions speak of. */
export function clock(now = Date.now()) {
  const day = (time) => new Date(time).toISOString().slice(0, 10);
  const month = (offset) => {
    const date = new Date(now);
    return day(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1));
  };
  return {
    today: day(now),
    month,
    inDays: (days) => day(now + days * DAY),
    /** "In the last … days", counted in hours from now, or in calendar days. */
    last: (days) => [(time) => moment(time) >= now - days * DAY, (time) => time.slice(0, 10) >= day(now - days * DAY)],
    yesterday: day(now - DAY),
  };
}

const moment = (time) => Date.parse(time);
const isThere = (value) => value !== null && value !== undefined;
const descending = (by) => (one, other) => by(other) - by(one);
const name = (person) => `${person.firstName} ${person.lastName}`;
const byId = (items) => new Map(items.map((item) => [item.id, item]));
const isActive = (contract) => contract.status === 'active';
const hasFailed = (run) => isThere(run.executionErrorType);
const spent = (transaction) => transaction.amount.convertedValue;

/** The items by what `key` says of them. */
function grouped(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const rowsOf = (groups, row) => [...groups].map(([key, items]) => [key, row(items)]);
const counted = (items, key) => rowsOf(grouped(items, key), (group) => group.length);
const added = (items, value) => items.reduce((sum, item) => sum + (value(item) ?? 0), 0);
const summed = (items, key, value) => rowsOf(grouped(items, key), (group) => added(group, value));

/** The first rows by their last cell, largest first, and all that equal the last of them. */
function largest(rows, count) {
  const value = (row) => row.at(-1);
  const sorted = [...rows].sort(descending(value));
  return sorted.filter((row) => sorted.length <= count || value(row) >= value(sorted[count - 1]));
}

/** What each question that reads has for an answer. */
export const answers = {
  // IT

  'top-apps': ({ apps }) => ({
    columns: ['app', 'count'],
    rows: largest(apps.map((app) => [app.name, app.activeUsersCount]), 10),
  }),

  'users-of-an-app': async ({ app, usersOf }) => {
    const users = await usersOf(app('Tableau'));
    const last = Math.max(...users.map((user) => moment(user.lastVisitTime)));
    const row = (user) => [name(user), moment(user.lastVisitTime) === last ? user.lastVisitTime : ANY];
    return { columns: ['person', 'day'], rows: users.map(row) };
  },

  'apps-of-a-person': async ({ person, appsOf }) => {
    const apps = await appsOf(person('Maya Nguyen'));
    return { columns: ['app', 'day'], rows: apps.map((app) => [app.name, app.lastUsageTime]) };
  },

  'failed-actions': ({ runs, workflows }, { last }) => last(1).map((isRecent) => {
    const named = byId(workflows);
    const failed = runs.filter((run) => hasFailed(run) && isRecent(run.creationTime));
    return { columns: ['workflow', 'action'], rows: failed.map((run) => [named.get(run.idWorkflow).name, run.actionType]) };
  }),

  'apps-without-owner': ({ apps }) => ({
    columns: ['word', 'count'],
    rows: counted(apps.filter((app) => !isThere(app.primaryOwner)), (app) => app.state),
  }),

  'idle-workflows': ({ workflows }, { last }) => last(30).map((isRecent) => {
    const isIdle = ({ lastTriggeredTime: time }) => !isThere(time) || !isRecent(time);
    return { columns: ['workflow'], rows: workflows.filter((one) => one.isActive && isIdle(one)).map((one) => [one.name]) };
  }),

  'failing-actions': ({ runs }) => {
    const share = (group) => 100 * group.filter(hasFailed).length / group.length;
    return { columns: ['action', 'percent'], rows: largest(rowsOf(grouped(runs, (run) => run.actionType), share), 3) };
  },

  'failing-workflows': ({ runs, workflows }, { last }) => last(90).map((isRecent) => {
    const named = byId(workflows);
    const failed = runs.filter((run) => hasFailed(run) && isRecent(run.creationTime));
    const rows = counted(failed, (run) => named.get(run.idWorkflow).name);
    return { columns: ['workflow', 'count'], rows: rows.filter(([, count]) => count > 2) };
  }),

  departments: ({ users, userField }) => {
    const active = users.filter((user) => user.lifecycleStatus === 'active' && !user.isExternal);
    return { columns: ['word', 'count'], rows: counted(active, (user) => userField(user, 'Department')) };
  },

  // finance

  'unused-licenses': ({ app }) => {
    const { inactiveAmount, unassignedAmount, potentialSavings: { value, currency } } = app('Slack').licenses.summary;
    return [
      { columns: ['count', 'count', 'cents', 'currency'], rows: [[inactiveAmount, unassignedAmount, value, currency]] },
      { columns: ['count', 'cents', 'currency'], rows: [[inactiveAmount + unassignedAmount, value, currency]] },
    ];
  },

  budgets: ({ apps, appField }) => ({
    columns: ['word', 'cents'],
    rows: summed(apps.filter((app) => appField(app, 'Annual budget')), (app) => app.category, (app) => appField(app, 'Annual budget')),
  }),

  'paid-last-month': ({ transactions, app, currency }, { month }) => {
    const { id } = app('Slack');
    const paid = transactions.filter((one) => one.idApp === id && month(-1) <= one.transactionDate && one.transactionDate < month(0));
    return [
      { columns: ['cents', 'currency'], rows: [[added(paid, spent), currency]] },
      { columns: ['currency', 'cents'], rows: summed(paid, (one) => one.amount.currency, (one) => one.amount.value) },
    ];
  },

  'spend-by-month': ({ transactions }, { month }) => {
    const full = transactions.filter((one) => month(-3) <= one.transactionDate && one.transactionDate < month(0));
    return { columns: ['month', 'cents'], rows: summed(full, (one) => one.transactionDate.slice(0, 7), spent) };
  },

  'untied-spend': ({ transactions }, { last }) => last(90).map((isRecent) => {
    const untied = transactions.filter((one) => !isThere(one.idApp) && isRecent(one.transactionDate));
    return { columns: ['currency', 'cents'], rows: summed(untied, (one) => one.amount.currency, (one) => one.amount.value) };
  }),

  'most-paid': ({ transactions, apps }, { last }) => last(365).map((isRecent) => {
    const named = byId(apps);
    const tied = transactions.filter((one) => isThere(one.idApp) && isRecent(one.transactionDate));
    return { columns: ['app', 'cents'], rows: largest(summed(tied, (one) => named.get(one.idApp).name, spent), 5) };
  }),

  'contract-costs': ({ contracts, contractField }) => ({
    columns: ['currency', 'cents'],
    rows: summed(contracts.filter(isActive), (one) => one.currency, (one) => contractField(one, 'Yearly Cost')),
  }),

  'largest-savings': ({ apps }) => ({
    columns: ['app', 'cents'],
    rows: largest(apps.map((app) => [app.name, app.licenses?.summary.potentialSavings?.value ?? 0]), 5),
  }),

  'over-budget': ({ apps, appField }) => {
    const over = apps.filter((app) => isThere(appField(app, 'Annual budget')) && app.expenses > appField(app, 'Annual budget'));
    return { columns: ['app', 'cents', 'cents'], rows: over.map((app) => [app.name, app.expenses, appField(app, 'Annual budget')]) };
  },

  // security

  'new-apps': ({ apps }, { month }) => ({
    columns: ['app'],
    rows: apps.filter((app) => app.creationTime >= month(-1)).map((app) => [app.name]),
  }),

  'who-did-what': ({ audit, person }, { yesterday, last }) => {
    const { id } = person('Kaito Walker');
    return [(time) => time.slice(0, 10) >= yesterday, last(1)[0]].map((isRecent) => {
      const done = audit.filter((entry) => entry.performedBy === id && isRecent(entry.creationTime));
      return { columns: ['action', 'count'], rows: counted(done, (entry) => entry.type) };
    });
  },

  outsiders: ({ users }) => {
    const outside = users.filter((user) => user.isExternal && !user.isDeletedInIdentitySources);
    const most = largest(outside.map((user) => [name(user), user.activeAppsCount]), 3);
    return { columns: ['total', 'person', 'count'], rows: most.map((row) => [outside.length, ...row]) };
  },

  'accounts-of-leavers': async ({ app, usersOf }) => {
    const users = (await usersOf(app('GitHub'))).filter((user) => !user.isUserRemovedFromApp);
    const ways = [(user) => user.isDeletedInIdentitySources, (user) => user.lifecycleStatus === 'offboarded'];
    return ways.map((hasLeft) => ({ columns: ['person'], rows: users.filter(hasLeft).map((user) => [name(user)]) }));
  },

  'payment-data': ({ apps, appField }) => {
    const exposed = apps.filter((app) => appField(app, 'Data classes')?.includes('payment') && !appField(app, 'SSO enforced'));
    const critical = exposed.filter((app) => appField(app, 'Business criticality') === 'critical');
    return { columns: ['count', 'count'], rows: [[exposed.length, critical.length]] };
  },

  'busiest-admins': ({ audit }, { last }) => last(30).map((isRecent) => {
    const recent = audit.filter((entry) => isRecent(entry.creationTime));
    return { columns: ['person', 'count'], rows: largest(counted(recent, performer), 2) };
  }),

  'undecided-apps': ({ apps }) => {
    const undecided = apps.filter((app) => app.state === 'discovered');
    return { columns: ['app', 'count'], rows: largest(undecided.map((app) => [app.name, app.activeUsersCount]), 3) };
  },

  leavers: ({ users, userField }, { last }) => last(90).map((isRecent) => {
    const hasLeft = (user) => user.isDeletedInIdentitySources && isRecent(user.identitySourcesDeletionTime);
    return { columns: ['word', 'count'], rows: counted(users.filter(hasLeft), (user) => userField(user, 'Department')) };
  }),

  'closed-in-use': ({ apps }) => {
    const used = apps.filter((app) => app.state === 'closed' && app.activeUsersCount > 20);
    return { columns: ['app', 'count'], rows: used.map((app) => [app.name, app.activeUsersCount]) };
  },

  // procurement

  renewals: ({ contracts, contractField }, { today, inDays }) => {
    const ends = (one) => contractField(one, 'End date') ?? '';
    const ending = contracts.filter((one) => isActive(one) && today <= ends(one) && ends(one) <= inDays(90));
    const amounts = (one) => [[one.amount, one.currency], [contractField(one, 'Yearly Cost'), one.currency]];
    return [0, 1].map((which) => ({
      columns: ['contract', 'day', 'cents', 'currency'],
      rows: ending.map((one) => [one.name, ends(one), ...amounts(one)[which]]),
    }));
  },

  'contracts-of-an-app': ({ contracts, contractField, app }) => {
    const { id } = app('Slack');
    const row = (one) => [one.name, one.amount, one.currency, contractField(one, 'End date')];
    return { columns: ['contract', 'cents', 'currency', 'day'], rows: contracts.filter((one) => one.idApp === id).map(row) };
  },

  'notice-deadlines': ({ contracts, contractField }, { today, inDays }) => {
    const deadline = (one) => contractField(one, 'Cancellation Deadline') ?? '';
    const isDue = (one) => isActive(one) && contractField(one, 'Auto-Renewal') === 'yes' && today <= deadline(one) && deadline(one) <= inDays(30);
    return { columns: ['contract', 'day'], rows: contracts.filter(isDue).map((one) => [one.name, deadline(one)]) };
  },

  'not-signed': ({ contracts, contractField }) => {
    const isOpen = (one) => contractField(one, 'Is there an NDA signed?') !== 'Yes' && contractField(one, 'DPA signed') !== true;
    return { columns: ['count'], rows: [[contracts.filter((one) => isActive(one) && isOpen(one)).length]] };
  },

  'unused-seats': ({ contracts, contractField, apps }) => {
    const of = byId(apps);
    const withSeats = contracts.filter((one) => isActive(one) && isThere(contractField(one, 'Seats')) && of.has(one.idApp));
    const unused = (one) => contractField(one, 'Seats') - of.get(one.idApp).activeUsersCount;
    return { columns: ['contract', 'count'], rows: largest(withSeats.map((one) => [one.name, unused(one)]), 5) };
  },

  'paid-without-contract': ({ contracts, apps }) => {
    const covered = new Set(contracts.filter(isActive).map((one) => one.idApp));
    const rows = apps.filter((app) => !covered.has(app.id)).map((app) => [app.name, app.expenses ?? 0]);
    return { columns: ['app', 'cents'], rows: largest(rows, 5) };
  },

  'notice-by-payment-term': ({ contracts, contractField }) => {
    const period = (one) => contractField(one, 'Cancellation Notice Period (days)');
    const known = contracts.filter((one) => isActive(one) && isThere(period(one)));
    const rows = rowsOf(grouped(known, (one) => contractField(one, 'Payment term')), (group) => added(group, period) / group.length);
    return { columns: ['word', 'average'], rows };
  },

  pipeline: ({ contracts }) => {
    const open = contracts.filter((one) => one.status === 'pipeline');
    const rows = [...grouped(open, (one) => one.currency)];
    return {
      columns: ['currency', 'count', 'cents'],
      rows: rows.map(([currency, group]) => [currency, group.length, added(group, (one) => one.amount)]),
    };
  },
};

function performer(entry) {
  return `${entry.performedByFirstName} ${entry.performedByLastName}`;
}

/**
 * What each question that changes something leaves behind: the item of a list with what is set, or `isGone`. `follows` names
 * members that the sample computes from it; everything else has to be as it was.
 */
export const changes = {
  'remove-from-app': ({ app }) => ({
    list: 'accounts',
    is: (one) => one.id === app('Tableau').id,
    set: { isUserRemovedFromApp: true },
    follows: ['activeUsersCount', 'activeAppsCount'],
  }),
  'tie-payment': ({ app }) => ({
    list: 'transactions',
    is: (one) => one.description === 'CARD PAYMENT 004559',
    set: { idApp: app('Slack').id, mappingStatus: 'mapped' },
    follows: ['expenses', 'appName', 'domain', 'mappingLogic'],
  }),
  'close-app': ({ app }) => ({ list: 'apps', is: (one) => one.id === app('Optimizely').id, set: { state: 'closed' } }),
  'purchase-order': ({ app, contractKey }) => ({
    list: 'contracts',
    is: (one) => one.idApp === app('Confluence').id && isActive(one),
    set: { [contractKey('Purchase order')]: 'PO-2026-117' },
  }),
  'delete-contract': ({ app }) => ({
    list: 'contracts',
    is: (one) => one.idApp === app('SurveyMonkey').id && one.status === 'pipeline',
    isGone: true,
  }),
};
