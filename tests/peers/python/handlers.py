"""Three operations of the API as a user would write them on Python: open a balance, read it, and
what it was at a moment. Same routes, checks, items, conditions and answers as the product, for the
fields that these requests have."""

import base64
import json
import os
import re
import secrets
import time
from datetime import datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# One client for the life of the process, with connections that are kept alive.
CLIENT = boto3.client(
    "dynamodb", config=Config(tcp_keepalive=True, retries={"mode": "standard", "total_max_attempts": 3})
)
TABLE = os.environ["TABLE_NAME"]
FIRST = "AT#0001-01-01T00:00:00.000000Z"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
DATE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?")
KEY = re.compile(r"[^\s\0]{1,100}")
FIELDS = {"key", "allowSending", "allowReceiving", "direction"}


class Problem(Exception):
    def __init__(self, status, code, title, message):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "title": title, "message": message}


def reply(event, status, body):
    return {
        "statusCode": status,
        "headers": {
            "content-type": "application/json",
            "x-request-id": event["requestContext"]["requestId"],
        },
        "body": json.dumps(body, separators=(",", ":")),
    }


def answering(scope):
    """Runs an operation with its errors mapped to answers."""

    def decorate(operation):
        def handler(event, _context):
            try:
                return operation(event, authorize(event, scope))
            except Problem as problem:
                return reply(event, problem.status, problem.body)
            except Exception as error:
                request_id = event["requestContext"]["requestId"]
                print(json.dumps({"requestId": request_id, "error": type(error).__name__}))
                body = {"code": "0046", "title": "Internal Server Error", "message": "Try again."}
                return reply(event, 500, body)

        return handler

    return decorate


def authorize(event, wanted):
    authorizer = event["requestContext"].get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims")
    if claims is None:
        raise Problem(401, "0042", "Unauthenticated", "There is no token.")
    scopes = claims.get("scope", "").split(" ")
    if "subledger_balance/read_write" not in scopes and wanted not in scopes:
        raise Problem(403, "0043", "Forbidden", "The token does not allow this.")
    path = event["pathParameters"]
    for name, value in path.items():
        if not UUID.fullmatch(value):
            raise Problem(400, "0065", "Invalid Path Parameter", f"{name} is not a UUID.")
    if claims.get("organization_id") != path["organization_id"]:
        raise Problem(404, "0038", "Organization Not Found", "There is no such organization.")
    return path


def decode(event):
    text = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            text = base64.b64decode(text)
        body = json.loads(text)
    except ValueError:
        raise Problem(400, "0094", "Invalid Body", "The body is not JSON.") from None
    if not isinstance(body, dict) or body.keys() - FIELDS:
        raise Problem(400, "0053", "Unexpected Fields", "The body has fields that nobody knows.")
    if "key" not in body:
        raise Problem(400, "0009", "Missing Fields", "key is missing.")
    body = {"allowSending": True, "allowReceiving": True, "direction": "credit", **body}
    types = {"key": str, "allowSending": bool, "allowReceiving": bool, "direction": str}
    if not all(isinstance(body[name], kind) for name, kind in types.items()):
        raise Problem(400, "0094", "Invalid Body", "A field has a value of another type.")
    if not KEY.fullmatch(body["key"]):
        raise Problem(400, "0047", "Invalid Fields", "key has a value that it cannot have.")
    if body["direction"] not in ("credit", "debit"):
        raise Problem(400, "0171", "Invalid Direction", "direction is credit or debit.")
    return {**body, "key": body["key"].lower()}


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shown(stored):
    return re.sub(r"\.?0*Z$", "Z", stored)


def new_id():
    data = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + secrets.token_bytes(10))
    data[6] = 0x70 | (data[6] & 0x0F)
    data[8] = 0x80 | (data[8] & 0x3F)
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def past(item):
    return {
        "id": item["id"]["S"],
        "organizationId": item["organization"]["S"],
        "ledgerId": item["ledger"]["S"],
        "accountId": item["account"]["S"],
        "alias": item["alias"]["S"],
        "key": item["key"]["S"],
        "assetCode": item["asset"]["S"],
        "available": item["available"]["S"],
        "onHold": item["on_hold"]["S"],
        "version": int(item["version"]["N"]),
        "accountType": item["account_type"]["S"],
        "direction": item["direction"]["S"],
        "overdraftUsed": item["overdraft_used"]["S"],
        "createdAt": shown(item["created_at"]["S"]),
        "updatedAt": shown(item["recorded_at"]["S"]),
        # Without settings: nothing may be overdrawn, so what is there is the position.
        "position": {
            "available": item["available"]["S"],
            "onHold": item["on_hold"]["S"],
            "overdraftLimitAvailable": "0",
        },
    }


def current(item):
    return {
        **past(item),
        "allowSending": item["sends"]["BOOL"],
        "allowReceiving": item["receives"]["BOOL"],
        "deletedAt": shown(item["deleted_at"]["S"]) if "deleted_at" in item else None,
    }


def of_scope(item, path):
    if (
        item is None
        or item["organization"]["S"] != path["organization_id"]
        or item["ledger"]["S"] != path["ledger_id"]
    ):
        raise Problem(404, "0007", "Not Found", "There is nothing with this id.")
    return item


def newest(path, last):
    answer = CLIENT.query(
        TableName=TABLE,
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=1,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":pk": {"S": f"BALANCE#{path['balance_id']}"},
            ":first": {"S": FIRST},
            ":last": {"S": last},
        },
    )
    return of_scope(next(iter(answer["Items"]), None), path)


def insert(pk, sk, attributes):
    return {
        "Put": {
            "TableName": TABLE,
            "Item": {"pk": {"S": pk}, "sk": {"S": sk}, **attributes},
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


@answering("subledger_balance/read_write")
def create_balance(event, path):
    asked = decode(event)
    key = asked["key"]
    if key == "overdraft":
        raise Problem(400, "0170", "Reserved Key", "This key is the system's.")
    answer = CLIENT.get_item(
        TableName=TABLE,
        ConsistentRead=True,
        Key={"pk": {"S": f"ACCOUNT#{path['account_id']}"}, "sk": {"S": "ACCOUNT"}},
    )
    account = of_scope(answer.get("Item"), path)
    is_open = "closed" not in account["lifecycle"].get("M", {}) and "deleted_at" not in account
    if account["kind"]["S"] == "external" or not is_open:
        raise Problem(400, "0024", "Account Closed", "The account takes no balance.")
    identity, at = new_id(), now()
    row = {
        "organization": account["organization"],
        "ledger": account["ledger"],
        "account": account["id"],
        "id": {"S": identity},
        "alias": account["alias"],
        "key": {"S": key},
        "asset": account["asset"],
        "account_type": account["kind"],
        "direction": {"S": asked["direction"]},
        "sends": {"BOOL": asked["allowSending"]},
        "receives": {"BOOL": asked["allowReceiving"]},
        "available": {"S": "0"},
        "on_hold": {"S": "0"},
        "overdraft_used": {"S": "0"},
        "version": {"N": "0"},
        "created_at": {"S": at},
        "recorded_at": {"S": at},
    }
    shard = int(identity.replace("-", ""), 16) % int(account["listing_shards"]["N"])
    unchanged = {
        "ConditionCheck": {
            "TableName": TABLE,
            "Key": {"pk": account["pk"], "sk": account["sk"]},
            "ConditionExpression": "revision = :revision",
            "ExpressionAttributeValues": {":revision": account["revision"]},
        }
    }
    entry = {"account": account["id"], "key": {"S": key}}
    try:
        CLIENT.transact_write_items(
            TransactItems=[
                insert(f"BALANCE#{identity}", FIRST, row),
                insert(account["pk"]["S"], f"BALANCE#{key}", row),
                unchanged,
                insert(f"LEDGER#{path['ledger_id']}#{shard}", f"{at}#{identity}", entry),
            ]
        )
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        if len(reasons) > 1 and reasons[1].get("Code") == "ConditionalCheckFailed":
            raise Problem(409, "0123", "Key Taken", "The account has a balance with this key.") from None
        raise
    return reply(event, 201, current(row))


@answering("subledger_balance/read")
def get_balance(event, path):
    item = newest(path, "AT$")
    if "deleted_at" in item:
        raise Problem(404, "0007", "Not Found", "There is nothing with this id.")
    return reply(event, 200, current(item))


@answering("subledger_balance/read")
def balance_history(event, path):
    match = DATE.fullmatch((event.get("queryStringParameters") or {}).get("date", ""))
    if not match:
        raise Problem(400, "0131", "Invalid Date", "date is not a moment.")
    moment = f"{match[1]}T{match[2]}.{(match[3] or '').ljust(6, '0')[:6]}Z"
    if moment > now():
        raise Problem(400, "0140", "Moment In Future", "Nobody knows yet.")
    item = newest(path, f"AT#{moment}")
    if item["created_at"]["S"] > moment or "deleted_at" in item:
        raise Problem(404, "0141", "No Balance Then", "There was no balance at the moment.")
    return reply(event, 200, past(item))
