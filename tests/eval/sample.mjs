// What the sample organization has, as its own HTTP API lists it: without this project's server, its tools and its tables, and without
// filters, sorting or totals of the API. The right answers are computed from these lists.

const PREFIX = '/v1.0';
const PAGE = 1000;

/** The lists of the sample at this address, all of them whole; `withLogs: false` leaves out the two long ones that only grow. */
export async function organization(address, key, { withLogs = true } = {}) {
  const get = async (path) => {
    const answer = await fetch(`${address}${PREFIX}${path}`, { headers: { authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`${answer.status} at ${path}: ${await answer.text()}`);
    return answer.json();
  };
  const all = async (path, member) => {
    const items = [];
    let cursor = '';
    do {
      const page = await get(`${path}${path.includes('?') ? '&' : '?'}size=${PAGE}${cursor}`);
      items.push(...page[member]);
      cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : '';
    } while (cursor);
    return items;
  };
  /** The fields that people see, by their names: the keys of an organization's own fields are its own. */
  const fields = async (path) => {
    const { predefinedFields = [], customFields = [] } = await get(`${path}/metadata`);
    const there = [...predefinedFields, ...customFields].filter((field) => !field.isDeleted);
    return new Map(there.map(({ name, systemKey }) => [name, systemKey]));
  };
  const [appFields, userFields, contractFields, transactionFields] = await Promise.all(
    ['/apps', '/users', '/contracts', '/transactions'].map(fields));
  const keys = (of) => `fields=${[...of.values()].join(',')}`;
  const statuses = ['mapped', 'unknown', 'recommend_map', 'archived'];
  const [apps, users, contracts, transactions, workflows, runs, audit, org] = await Promise.all([
    all(`/apps?includeLicenses=true&${keys(appFields)}`, 'apps'),
    all(`/users?view=allUsers&${keys(userFields)}`, 'users'),
    all(`/contracts?${keys(contractFields)}`, 'contracts'),
    Promise.all(statuses.map((status) => all(`/transactions?mappingStatus=${status}&${keys(transactionFields)}`, 'transactions')))
      .then((lists) => lists.flat()),
    get('/workflows').then(({ workflows: list }) => list),
    withLogs ? all('/workflows/actionExecutions', 'response') : [],
    withLogs ? all('/audit', 'audit') : [],
    get('/orgs/my').then(({ org: own }) => own),
  ]);
  return {
    apps, users, contracts, transactions, workflows, runs, audit,
    currency: org.displayCurrency,
    app: (name) => only(apps, (app) => app.name === name),
    person: (name) => only(users, (user) => `${user.firstName} ${user.lastName}` === name),
    /** Reads a field of an app, a user or a contract by the name that people see. */
    appField: (app, name) => app[appFields.get(name)],
    userField: (user, name) => user[userFields.get(name)],
    contractField: (contract, name) => contract[contractFields.get(name)],
    contractKey: (name) => contractFields.get(name),
    usersOf: (app) => all(`/apps/${app.id}/users`, 'users'),
    appsOf: async (user) => (await get(`/users/${user.id}/apps?fields=id,name,lastUsageTime,isUserRemovedFromApp`)).apps,
  };
}

function only(list, is) {
  const found = list.filter(is);
  if (found.length !== 1) throw new Error(`there are ${found.length} instead of one`);
  return found[0];
}
