// Three operations of the API as a user would write them on Node.js: open a balance, read it, and
// what it was at a moment. Same routes, checks, items, conditions and answers as the product, for
// the fields that these requests have.
import { randomBytes } from 'node:crypto';
import {
  DynamoDBClient, GetItemCommand, QueryCommand, TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

// One client for the life of the process; connections are kept alive by default.
const client = new DynamoDBClient({ maxAttempts: 3 });
const TableName = process.env.TABLE_NAME;
const FIRST = 'AT#0001-01-01T00:00:00.000000Z';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const FIELDS = ['key', 'allowSending', 'allowReceiving', 'direction'];

class Problem extends Error {
  constructor(status, code, title, message) {
    super(message);
    Object.assign(this, { status, body: { code, title, message } });
  }
}

const reply = (event, statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'x-request-id': event.requestContext.requestId },
  body: JSON.stringify(body),
});

// Runs an operation with its errors mapped to answers.
const answering = (scope, operation) => async (event) => {
  try {
    return await operation(event, authorize(event, scope));
  } catch (error) {
    if (error instanceof Problem) return reply(event, error.status, error.body);
    console.error(JSON.stringify({ requestId: event.requestContext.requestId, error: error.name }));
    return reply(event, 500, { code: '0046', title: 'Internal Server Error', message: 'Try again.' });
  }
};

function authorize(event, wanted) {
  const claims = event.requestContext.authorizer?.jwt?.claims;
  if (!claims) throw new Problem(401, '0042', 'Unauthenticated', 'There is no token.');
  const scopes = (claims.scope ?? '').split(' ');
  if (!scopes.includes('subledger_balance/read_write') && !scopes.includes(wanted)) {
    throw new Problem(403, '0043', 'Forbidden', 'The token does not allow this.');
  }
  const path = event.pathParameters;
  for (const name of Object.keys(path)) {
    if (!UUID.test(path[name])) {
      throw new Problem(400, '0065', 'Invalid Path Parameter', `${name} is not a UUID.`);
    }
  }
  if (claims.organization_id !== path.organization_id) {
    throw new Problem(404, '0038', 'Organization Not Found', 'There is no such organization.');
  }
  return path;
}

function decode(event) {
  let body;
  try {
    const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
    body = JSON.parse(text ?? '');
  } catch {
    throw new Problem(400, '0094', 'Invalid Body', 'The body is not JSON.');
  }
  if (Object.keys(body).some((name) => !FIELDS.includes(name))) {
    throw new Problem(400, '0053', 'Unexpected Fields', 'The body has fields that nobody knows.');
  }
  const { key, allowSending = true, allowReceiving = true, direction = 'credit' } = body;
  if (key === undefined) throw new Problem(400, '0009', 'Missing Fields', 'key is missing.');
  const isText = typeof key === 'string' && typeof direction === 'string';
  if (!isText || typeof allowSending !== 'boolean' || typeof allowReceiving !== 'boolean') {
    throw new Problem(400, '0094', 'Invalid Body', 'A field has a value of another type.');
  }
  if (key.length > 100 || !/^[^\s\0]+$/.test(key)) {
    throw new Problem(400, '0047', 'Invalid Fields', 'key has a value that it cannot have.');
  }
  if (!['credit', 'debit'].includes(direction)) {
    throw new Problem(400, '0171', 'Invalid Direction', 'direction is credit or debit.');
  }
  return { key: key.toLowerCase(), allowSending, allowReceiving, direction };
}

// Milliseconds are what Node.js has; the product writes microseconds.
const now = () => new Date().toISOString().replace('Z', '000Z');
const shown = (stored) => stored.replace(/\.?0*Z$/, 'Z');

function newId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function past(item) {
  return {
    id: item.id.S,
    organizationId: item.organization.S,
    ledgerId: item.ledger.S,
    accountId: item.account.S,
    alias: item.alias.S,
    key: item.key.S,
    assetCode: item.asset.S,
    available: item.available.S,
    onHold: item.on_hold.S,
    version: Number(item.version.N),
    accountType: item.account_type.S,
    direction: item.direction.S,
    overdraftUsed: item.overdraft_used.S,
    createdAt: shown(item.created_at.S),
    updatedAt: shown(item.recorded_at.S),
    // Without settings: nothing may be overdrawn, so what is there is the position.
    position: { available: item.available.S, onHold: item.on_hold.S, overdraftLimitAvailable: '0' },
  };
}

const current = (item) => ({
  ...past(item),
  allowSending: item.sends.BOOL,
  allowReceiving: item.receives.BOOL,
  deletedAt: item.deleted_at ? shown(item.deleted_at.S) : null,
});

async function newest(id, path, last) {
  const { Items } = await client.send(new QueryCommand({
    TableName,
    ConsistentRead: true,
    ScanIndexForward: false,
    Limit: 1,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: {
      ':pk': { S: `BALANCE#${id}` }, ':first': { S: FIRST }, ':last': { S: last },
    },
  }));
  const item = Items[0];
  if (item?.organization.S !== path.organization_id || item?.ledger.S !== path.ledger_id) {
    throw new Problem(404, '0007', 'Not Found', 'There is nothing with this id.');
  }
  return item;
}

export const createBalance = answering('subledger_balance/read_write', async (event, path) => {
  const { key, allowSending, allowReceiving, direction } = decode(event);
  if (key === 'overdraft') throw new Problem(400, '0170', 'Reserved Key', 'This key is the system\'s.');
  const { Item: account } = await client.send(new GetItemCommand({
    TableName,
    ConsistentRead: true,
    Key: { pk: { S: `ACCOUNT#${path.account_id}` }, sk: { S: 'ACCOUNT' } },
  }));
  if (account?.organization.S !== path.organization_id || account?.ledger.S !== path.ledger_id) {
    throw new Problem(404, '0007', 'Not Found', 'There is nothing with this id.');
  }
  if (account.kind.S === 'external' || account.lifecycle.M?.closed || account.deleted_at) {
    throw new Problem(400, '0024', 'Account Closed', 'The account takes no balance.');
  }
  const [id, at] = [newId(), now()];
  const row = {
    organization: account.organization,
    ledger: account.ledger,
    account: account.id,
    id: { S: id },
    alias: account.alias,
    key: { S: key },
    asset: account.asset,
    account_type: account.kind,
    direction: { S: direction },
    sends: { BOOL: allowSending },
    receives: { BOOL: allowReceiving },
    available: { S: '0' },
    on_hold: { S: '0' },
    overdraft_used: { S: '0' },
    version: { N: '0' },
    created_at: { S: at },
    recorded_at: { S: at },
  };
  const shard = BigInt(`0x${id.replaceAll('-', '')}`) % BigInt(account.listing_shards.N);
  const insert = (pk, sk, attributes) => ({
    Put: {
      TableName,
      Item: { pk: { S: pk }, sk: { S: sk }, ...attributes },
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  });
  try {
    await client.send(new TransactWriteItemsCommand({
      TransactItems: [
        insert(`BALANCE#${id}`, FIRST, row),
        insert(account.pk.S, `BALANCE#${key}`, row),
        {
          ConditionCheck: {
            TableName,
            Key: { pk: account.pk, sk: account.sk },
            ConditionExpression: 'revision = :revision',
            ExpressionAttributeValues: { ':revision': account.revision },
          },
        },
        insert(`LEDGER#${path.ledger_id}#${shard}`, `${at}#${id}`, { account: account.id, key: { S: key } }),
      ],
    }));
  } catch (error) {
    if (error.name === 'TransactionCanceledException'
      && error.CancellationReasons?.[1]?.Code === 'ConditionalCheckFailed') {
      throw new Problem(409, '0123', 'Key Taken', 'The account has a balance with this key.');
    }
    throw error;
  }
  return reply(event, 201, current(row));
});

export const getBalance = answering('subledger_balance/read', async (event, path) => {
  const item = await newest(path.balance_id, path, 'AT$');
  if (item.deleted_at) throw new Problem(404, '0007', 'Not Found', 'There is nothing with this id.');
  return reply(event, 200, current(item));
});

export const balanceHistory = answering('subledger_balance/read', async (event, path) => {
  const date = event.queryStringParameters?.date ?? '';
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?$/.exec(date);
  if (!match) throw new Problem(400, '0131', 'Invalid Date', 'date is not a moment.');
  const moment = `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0').slice(0, 6)}Z`;
  if (moment > now()) throw new Problem(400, '0140', 'Moment In Future', 'Nobody knows yet.');
  const item = await newest(path.balance_id, path, `AT#${moment}`);
  if (item.created_at.S > moment || item.deleted_at) {
    throw new Problem(404, '0141', 'No Balance Then', 'There was no balance at the moment.');
  }
  return reply(event, 200, past(item));
});
