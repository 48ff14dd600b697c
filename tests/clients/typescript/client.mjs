// Sends what the TypeScript SDK of Midaz sends, and checks what is answered: see ../README.md.
//
//   node client.mjs http://127.0.0.1:3000

const [url] = process.argv.slice(2);
if (!url) {
    console.log('usage: node client.mjs URL');
    process.exit(2);
}

// The step that is under way, and the number of those before it.
let step = '';
let steps = 0;

function fail(message) {
    console.log(`${step}: ${message}\ntypescript: ${steps} passed, 1 failed`);
    process.exit(1);
}

// What is missing in an answer and is read all the same.
process.on('uncaughtException', (error) => fail(error.message));

function equal(what, got, want) {
    if (got !== want) fail(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

// Takes a step: one request, and the status that it has to be answered with.
async function exchange(name, method, path, status, { body, headers } = {}) {
    if (step) steps += 1;
    step = name;
    const response = await fetch(`${url}/v1${path}`, {
        method,
        // The type of a body is named also where there is none.
        headers: {
            'Content-Type': 'application/json',
            Accept: 'application/json',
            'X-API-Version': 'v1',
            ...headers,
        },
        body: body && JSON.stringify(body),
    }).catch((error) => fail(`${method} ${path}: ${error.cause ?? error}`));
    const text = await response.text();
    if (response.status !== status) {
        fail(`${method} ${path}: ${response.status}, not ${status}: ${text}`);
    }
    if (status === 204) return { headers: response.headers };
    // What has no type is not read as JSON.
    equal('Content-Type', response.headers.get('Content-Type')?.split(';')[0], 'application/json');
    return { headers: response.headers, data: JSON.parse(text) };
}

async function send(name, method, path, status, body) {
    return (await exchange(name, method, path, status, { body })).data;
}

// What everything that is stored shows.
function isStored(entity) {
    equal('length of the id', entity.id?.length, 36);
    equal('createdAt is a time', Date.parse(entity.createdAt) > 0, true);
    equal('updatedAt is a time', Date.parse(entity.updatedAt) > 0, true);
    equal('deletedAt', entity.deletedAt, null);
}

async function create(name, path, body) {
    const entity = await send(name, 'POST', path, 201, body);
    isStored(entity);
    return entity;
}

async function get(name, path) {
    return send(name, 'GET', path, 200);
}

// Options go into the query as the caller gives them, and nothing without any.
async function list(name, path, query = '?limit=100') {
    const page = await get(name, path + query);
    equal('items is an array', Array.isArray(page.items), true);
    return page.items;
}

function has(items, id) {
    equal(
        `${id} is in the list`,
        items.some((item) => item.id === id),
        true,
    );
}

async function count(name, path, query = '') {
    const { headers } = await exchange(name, 'HEAD', `${path}/metrics/count${query}`, 204);
    const total = headers.get('X-Total-Count') ?? '';
    equal('X-Total-Count is a number', /^\d+$/.test(total), true);
    return Number(total);
}

async function update(name, path, body) {
    return send(name, 'PATCH', path, 200, body);
}

async function refused(name, method, path, status, body) {
    const answer = await send(name, method, path, status, body);
    for (const field of ['code', 'title', 'message']) equal(field, typeof answer[field], 'string');
    return answer.code;
}

// Deletes something, and reads it again to see that it is gone. A missing account type has a code of its
// own.
async function remove(what, path) {
    await send(`delete ${what}`, 'DELETE', path, 204);
    const code = path.includes('/account-types/') ? '0109' : '0007';
    equal('code', await refused(`get ${what} that is deleted`, 'GET', path, 404), code);
}

const leg = (accountAlias, value, balanceKey) => ({
    accountAlias,
    amount: { value, asset: 'USD' },
    balanceKey,
});
const transfer = (value, from, to) => ({
    send: { asset: 'USD', value, source: { from: [from] }, distribute: { to: [to] } },
});
const inflow = (value, to) => ({ send: { asset: 'USD', value, distribute: { to } } });
const outflow = (value, from) => ({ send: { asset: 'USD', value, source: { from } } });

// Posts a transaction, and checks as the SDK does that it is of the kind that was asked for.
async function post(name, path, body) {
    const transaction = await create(name, `${ledger}/transactions/${path}`, body);
    const { operations } = transaction;
    equal('operations are missing', operations.length === 0, false);
    operations.forEach(isStored);
    const label = { block: 'BLOCK', unblock: 'UNBLOCK' }[path];
    for (const operation of operations) {
        equal('transactionId', operation.transactionId, transaction.id);
        equal('balanceAffected', operation.balanceAffected, path !== 'annotation');
        equal('is blocked or unblocked', /BLOCK/.test(operation.type), label !== undefined);
        if (label) equal('type', operation.type, label);
    }
    return transaction;
}

const types = (transaction) => transaction.operations.map((operation) => operation.type).join(' ');

// Checks what is on the balance with this key.
async function holds(alias, key, available, onHold) {
    const items = await list(
        `see what ${alias} has`,
        `${ledger}/accounts/alias/${alias}/balances`,
        '',
    );
    const balance = items.find((item) => item.key === key);
    equal(`available on ${key}`, balance?.available, available);
    equal(`onHold on ${key}`, balance?.onHold, onHold);
}

async function outside(available) {
    const items = await list('see what is outside', `${ledger}/accounts/external/USD/balances`, '');
    equal('balances', items.length, 1);
    equal('available', items[0].available, available);
}

// One of everything.

const before = await count('count the organizations', '/organizations');
const bank = await create('create an organization', '/organizations', {
    legalName: 'Beta Bank',
    legalDocument: '98-7654321',
    doingBusinessAs: 'Beta',
    address: {
        line1: '2 Main Street',
        city: 'Austin',
        state: 'TX',
        zipCode: '73301',
        country: 'US',
    },
    status: { code: 'ACTIVE' },
    metadata: { client: 'typescript' },
});
equal('legalName', bank.legalName, 'Beta Bank');
equal('city', bank.address.city, 'Austin');
equal('status', bank.status.code, 'ACTIVE');
equal('metadata', bank.metadata.client, 'typescript');
const organization = `/organizations/${bank.id}`;
equal('organizations', await count('count the organizations again', '/organizations'), before + 1);

const book = await create('create a ledger', `${organization}/ledgers`, { name: 'Deposits' });
equal('organizationId', book.organizationId, bank.id);
const ledger = `${organization}/ledgers/${book.id}`;

const dollar = await create('create an asset', `${ledger}/assets`, {
    name: 'US Dollar',
    type: 'currency',
    code: 'USD',
});
equal('code', dollar.code, 'USD');
const asset = `${ledger}/assets/${dollar.id}`;

const retail = await create('create a portfolio', `${ledger}/portfolios`, {
    name: 'Retail',
    entityId: 'retail-1',
});
equal('entityId', retail.entityId, 'retail-1');
const portfolio = `${ledger}/portfolios/${retail.id}`;

const west = await create('create a segment', `${ledger}/segments`, {
    name: 'West',
    metadata: { region: 'west' },
});
equal('metadata', west.metadata.region, 'west');
const segment = `${ledger}/segments/${west.id}`;

const deposit = await create('create an account type', `${ledger}/account-types`, {
    name: 'Deposit',
    keyValue: 'deposit',
});
equal('keyValue', deposit.keyValue, 'deposit');
const accountType = `${ledger}/account-types/${deposit.id}`;

const off = await get('get the settings of a new ledger', `${ledger}/settings`);
equal('validateAccountType', off.accounting.validateAccountType, false);
equal('validateRoutes', off.accounting.validateRoutes, false);
const on = await update('update the settings', `${ledger}/settings`, {
    accounting: { validateAccountType: true },
});
equal('validateAccountType', on.accounting.validateAccountType, true);
equal('validateRoutes', on.accounting.validateRoutes, false);
const same = await update('update nothing of the settings', `${ledger}/settings`, {});
equal('validateAccountType', same.accounting.validateAccountType, true);

const unknown = { name: 'Nobody', assetCode: 'USD', type: 'loans' };
const accounts = `${ledger}/accounts`;
equal(
    'code',
    await refused('create an account of an unknown type', 'POST', accounts, 400, unknown),
    '0066',
);
const alice = await create('create an account', accounts, {
    name: 'Alice',
    assetCode: 'USD',
    type: 'deposit',
    // The alias goes into paths as it is.
    alias: '@alice:main',
    status: { code: 'ACTIVE' },
    portfolioId: retail.id,
    segmentId: west.id,
});
equal('portfolioId', alice.portfolioId, retail.id);
equal('segmentId', alice.segmentId, west.id);
equal('blocked', alice.blocked, false);
const bob = await create('create another account', accounts, {
    name: 'Bob',
    assetCode: 'USD',
    type: 'deposit',
    alias: '@bob',
});
equal('portfolioId', bob.portfolioId, null);

const frozen = await create('create an additional balance', `${accounts}/${alice.id}/balances`, {
    key: 'frozen',
});
equal('key', frozen.key, 'frozen');
equal('accountId', frozen.accountId, alice.id);
equal('available', frozen.available, '0');
equal('allowSending', frozen.allowSending, true);

// Each of them, all of them, and how many they are.

equal('doingBusinessAs', (await get('get the organization', organization)).doingBusinessAs, 'Beta');
has(await list('list the organizations', '/organizations'), bank.id);
equal('name', (await get('get the ledger', ledger)).name, 'Deposits');
equal('type', (await get('get the asset', asset)).type, 'currency');
equal('name', (await get('get the portfolio', portfolio)).name, 'Retail');
equal('name', (await get('get the segment', segment)).name, 'West');
equal('name', (await get('get the account type', accountType)).name, 'Deposit');
has(await list('list the account types', `${ledger}/account-types`), deposit.id);
equal('name', (await get('get the account', `${accounts}/${alice.id}`)).name, 'Alice');
equal('id', (await get('get the account by alias', `${accounts}/alias/@alice:main`)).id, alice.id);
equal(
    'alias',
    (await get('get the external account', `${accounts}/external/USD`)).alias,
    '@external/USD',
);
for (const [what, path, id] of [
    ['ledgers', `${organization}/ledgers`, book.id],
    ['assets', `${ledger}/assets`, dollar.id],
    ['portfolios', `${ledger}/portfolios`, retail.id],
    ['segments', `${ledger}/segments`, west.id],
    ['accounts', accounts, alice.id],
]) {
    const items = await list(`list the ${what}`, path);
    has(items, id);
    equal(what, await count(`count the ${what}`, path), items.length);
}

equal(
    'alias',
    (await get('get the balance', `${ledger}/balances/${frozen.id}`)).alias,
    '@alice:main',
);
has(await list('list the balances of the ledger', `${ledger}/balances`), frozen.id);
const balances = `${accounts}/${alice.id}/balances`;
const [first] = await list('list the balances of the account', balances, '?limit=1&sort_order=asc');
const page = await get('list them by page', `${balances}?limit=1&sort_order=asc`);
const [second] = await list('list the next page', balances, `?limit=1&cursor=${page.next_cursor}`);
equal('keys', [first.key, second.key].join(' '), 'default frozen');
has(
    await list('list the balances by alias', `${accounts}/alias/@alice:main/balances`, ''),
    frozen.id,
);

// Every kind of transaction.

const transactions = `${ledger}/transactions`;
const salary = {
    body: {
        description: 'Salary',
        metadata: { month: 'November', draft: 'yes' },
        ...inflow('100.00', [leg('@alice:main', '100.00')]),
    },
    headers: { 'X-Idempotency': 'salary-november', 'X-TTL': '60' },
};
const { data: paidIn, headers } = await exchange(
    'post an inflow',
    'POST',
    `${transactions}/inflow`,
    201,
    salary,
);
equal('X-Idempotency-Replayed', headers.get('X-Idempotency-Replayed'), 'false');
equal('status', paidIn.status.code, 'CREATED');
equal('amount', paidIn.amount, '100');
equal('source', paidIn.source.join(), '@external/USD');
equal('destination', paidIn.destination.join(), '@alice:main');
const again = await exchange(
    'send the inflow again',
    'POST',
    `${transactions}/inflow`,
    201,
    salary,
);
equal('X-Idempotency-Replayed', again.headers.get('X-Idempotency-Replayed'), 'true');
equal('id', again.data.id, paidIn.id);
await holds('@alice:main', 'default', '100', '0');
await outside('100');

const rent = await post('post a transaction', 'json', {
    description: 'Rent',
    ...transfer('30', leg('@alice:main', '30'), leg('@bob', '30')),
});
equal('description', rent.description, 'Rent');
equal('types', types(rent), 'DEBIT CREDIT');
equal('balanceAfter', rent.operations[0].balanceAfter.available, '70');
const paidOut = await post('post an outflow', 'outflow', outflow('10', [leg('@bob', '10')]));
equal('destination', paidOut.destination.join(), '@external/USD');
await holds('@bob', 'default', '20', '0');
const note = await post(
    'post an annotation',
    'annotation',
    transfer('7', leg('@alice:main', '7'), leg('@bob', '7')),
);
equal('status', note.status.code, 'NOTED');

let held = await post('post a pending transaction', 'json', {
    pending: true,
    ...transfer('15', leg('@alice:main', '15'), leg('@bob', '15')),
});
equal('status', held.status.code, 'PENDING');
await holds('@alice:main', 'default', '55', '15');
const committed = await post('commit it', `${held.id}/commit`);
equal('id', committed.id, held.id);
equal('status', committed.status.code, 'APPROVED');
await holds('@bob', 'default', '35', '0');
held = await post('post another pending transaction', 'json', {
    pending: true,
    ...transfer('5', leg('@alice:main', '5'), leg('@bob', '5')),
});
equal('status', (await post('cancel it', `${held.id}/cancel`)).status.code, 'CANCELED');
await holds('@alice:main', 'default', '55', '0');

const reversal = await post('revert the transaction', `${rent.id}/revert`);
equal('parentTransactionId', reversal.parentTransactionId, rent.id);
await holds('@alice:main', 'default', '85', '0');
await holds('@bob', 'default', '5', '0');

await post(
    'block',
    'block',
    transfer('25', leg('@alice:main', '25'), leg('@alice:main', '25', 'frozen')),
);
await holds('@alice:main', 'frozen', '25', '0');
await post(
    'unblock',
    'unblock',
    transfer('25', leg('@alice:main', '25', 'frozen'), leg('@alice:main', '25')),
);
await holds('@alice:main', 'default', '85', '0');

const tooMuch = outflow('85.01', [leg('@alice:main', '85.01')]);
equal(
    'code',
    await refused('take more than there is', 'POST', `${transactions}/outflow`, 422, tooMuch),
    '0018',
);

const read = await get('get the transaction', `${transactions}/${rent.id}`);
equal('status', read.status.code, 'APPROVED');
equal('operations', read.operations.length, 2);
const posted = await list('list the transactions', transactions);
equal('transactions', posted.length, 9);
has(posted, reversal.id);
const ever = '?start_date=2020-01-01T00%3A00%3A00Z&end_date=2100-01-01T00%3A00%3A00Z';
equal('transactions', await count('count the transactions', transactions, ever), 9);
equal(
    'pending',
    await count('count those that are pending', transactions, `${ever}&status=PENDING`),
    0,
);

const operations = `${accounts}/${alice.id}/operations`;
const [debit] = rent.operations;
has(await list('list the operations of the account', operations), debit.id);
const operation = await get('get the operation', `${operations}/${debit.id}`);
equal('transactionId', operation.transactionId, rent.id);
equal('type', operation.type, 'DEBIT');
equal('amount', operation.amount.value, '30');

const described = await update('update the transaction', `${transactions}/${paidIn.id}`, {
    description: 'Salary of November',
    metadata: { checked: 'yes', draft: null },
});
equal('description', described.description, 'Salary of November');
equal(
    'metadata',
    JSON.stringify(Object.entries(described.metadata).sort()),
    '[["checked","yes"],["month","November"]]',
);
const noted = await update(
    'update the operation',
    `${transactions}/${rent.id}/operations/${debit.id}`,
    {
        description: 'Rent of November',
        metadata: { checked: 'yes' },
    },
);
equal('id', noted.id, debit.id);
equal('description', noted.description, 'Rent of November');
equal('metadata', noted.metadata.checked, 'yes');

const date = `?date=${encodeURIComponent(paidIn.createdAt)}`;
const past = await get(
    'get the balance of the past',
    `${ledger}/balances/${debit.balanceId}/history${date}`,
);
equal('available', past.available, '100');
const pasts = await get('get the balances of the past', `${balances}/history${date}`);
equal('balances', pasts.length, 2);

await post(
    'move the money out',
    'outflow',
    outflow('90', [leg('@alice:main', '85'), leg('@bob', '5')]),
);
await holds('@alice:main', 'default', '0', '0');
await holds('@bob', 'default', '0', '0');
await outside('0');

// Changes of everything.

const renamed = await update('update the organization', organization, {
    doingBusinessAs: 'Beta & Sons',
    metadata: { size: 'small' },
});
equal('doingBusinessAs', renamed.doingBusinessAs, 'Beta & Sons');
equal('legalName', renamed.legalName, 'Beta Bank');
equal('metadata', renamed.metadata.client, 'typescript');
equal('name', (await update('update the ledger', ledger, { name: 'Savings' })).name, 'Savings');
equal('name', (await update('update the asset', asset, { name: 'Dollar' })).name, 'Dollar');
const consumers = await update('update the portfolio', portfolio, { name: 'Consumers' });
equal('name', consumers.name, 'Consumers');
equal('entityId', consumers.entityId, 'retail-1');
const managed = await update('update the segment', segment, { metadata: { manager: 'carol' } });
equal('name', managed.name, 'West');
equal('metadata', `${managed.metadata.region} ${managed.metadata.manager}`, 'west carol');
const demand = await update('update the account type', accountType, {
    name: 'Deposits',
    description: 'Money on demand',
});
equal('description', demand.description, 'Money on demand');
equal('keyValue', demand.keyValue, 'deposit');
const robert = await update('update the account', `${accounts}/${bob.id}`, {
    name: 'Robert',
    segmentId: west.id,
});
equal('name', robert.name, 'Robert');
equal('segmentId', robert.segmentId, west.id);
const closed = await update('update the balance', `${ledger}/balances/${frozen.id}`, {
    allowReceiving: false,
});
equal('allowReceiving', closed.allowReceiving, false);
equal('allowSending', closed.allowSending, true);

// Everything is deleted, and nothing before what stands on it.

await refused('delete a ledger with accounts', 'DELETE', ledger, 422);
await remove('the additional balance', `${ledger}/balances/${frozen.id}`);
await remove('the account', `${accounts}/${alice.id}`);
await remove('the other account', `${accounts}/${bob.id}`);
await remove('the account type', accountType);
await remove('the segment', segment);
await remove('the portfolio', portfolio);
await remove('the asset', asset);
await remove('the ledger', ledger);
await remove('the organization', organization);
console.log(`typescript: ${steps + 1} passed, 0 failed`);
