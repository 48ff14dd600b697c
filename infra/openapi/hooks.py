"""What the documents cannot say about requests, told to schemathesis.

A document says which requests are well formed. Whether a well-formed request is accepted also depends
on what is stored, on the calendar, and on lists of countries and currencies. `accepted_if_well_formed`
stands for the built-in `positive_data_acceptance`: it lets a refusal pass only for such a reason.
"""

import schemathesis

# Codes of v1 that tell of what is stored, of the calendar, or of a list elsewhere.
V1_REASONS = {
    "0005": "a currency that ISO 4217 does not list",
    "0012": "a balance of the account has value on it",
    "0018": "insufficient funds",
    "0019": "no such balance",
    "0024": "an account or a balance that may not take part",
    "0029": "no such parent account",
    "0030": "a parent account of another asset",
    "0032": "a country that ISO 3166-1 does not list",
    "0066": "a type that is no account type of a ledger that asks for one",
    "0073": "amounts that do not add up",
    "0074": "an external account",
    "0078": "a range of dates that ends before it begins",
    "0082": "a cursor that no list answered, or a page too far behind",
    "0083": "one end of a range of dates",
    "0087": "a transaction that was reverted",
    "0088": "a transaction that reverts another one",
    "0089": "a transaction that moved nothing",
    "0090": "a balance on both sides",
    "0091": "an organization that would be its own parent",
    "0093": "a balance that is not empty, or a default one",
    "0097": "an amount out of range",
    "0098": "an external account that reserves",
    "0099": "a transaction in another status",
    "0121": "a date in the future",
    "0122": "a date on a pending transaction",
    "0124": "an external account",
    "0131": "a day that the calendar does not have",
    "0140": "a moment in the future",
    "0167": "an overdraft above its limit",
    "0168": "a balance that belongs to the system",
    "0169": "a balance that belongs to the system",
    "0173": "a limit below what is used",
    "0175": "a balance that belongs to the system",
    "0901": "a moment that has not settled",
    "0902": "an answer that is too large",
    "0903": "an object that is too large",
    "0904": "too many legs",
    "0905": "something that stands on what is to be deleted",
}
# Codes that tell so of one field.
V1_FIELD_REASONS = {
    ("0047", "transactionDate"): "a day that the calendar does not have",
}
# What is said of characters by the tables of Unicode, which no pattern has.
UNICODE_REASONS = ("which cannot be seen", "must not be only spaces")
# The same of v0; `parameters_invalid` counts where each parameter has a reason of the second set.
V0_REASONS = {
    "amount_not_representable",
    "idempotency_request_inconsistent",
    "invalid_status_transition",
}
V0_PARAMETER_REASONS = {
    "account_closed",
    "currency_mismatch",
    "external_account",
    "not_found",
    "not_supported_by_account",
}

# The names of all fields of the documents.
known_fields = set()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Learns the names of the fields."""
    pending = [raw_schema]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("properties"), dict):
                known_fields.update(value["properties"])
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


@schemathesis.hook
def filter_case(context, case):
    """Leaves out what v1 lets through because it says nothing: a body of null, and unknown fields with
    null or zero."""
    return case.body is not None and not has_silent_field(case.body)


def has_silent_field(value):
    if isinstance(value, dict):
        return any(
            (name not in known_fields and (member is None or member == 0))
            or (name != "metadata" and has_silent_field(member))
            for name, member in value.items()
        )
    return isinstance(value, list) and any(has_silent_field(item) for item in value)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Writes what a document cannot ask for.

    2.0 is an integer to JSON Schema, and none on the wire. API Gateway cuts a decoded path at a
    question mark, and then sees the path of another operation.
    """
    case.body = without_points(case.body)
    for name, value in (case.path_parameters or {}).items():
        case.path_parameters[name] = value.replace("?", "_") if isinstance(value, str) else value


def without_points(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: without_points(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_points(member) for member in value]
    return value


@schemathesis.check
def accepted_if_well_formed(ctx, response, case):
    """A well-formed request is refused only for a reason that no schema can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in (400, 422):
        return
    problem = response.json() if case.method.upper() != "HEAD" else {}
    code = problem.get("code")
    if code is None or code in V1_REASONS or code in V0_REASONS:
        return
    fields = problem.get("fields") or {}
    if fields and all(
        (code, name) in V1_FIELD_REASONS or any(words in str(why) for words in UNICODE_REASONS)
        for name, why in fields.items()
    ):
        return
    reasons = {parameter["reason"] for parameter in problem.get("invalid_parameters", [])}
    if reasons and reasons <= V0_PARAMETER_REASONS:
        return
    raise AssertionError(f"a well-formed request was refused with {code}: {response.text}")
