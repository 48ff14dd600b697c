//! The requests that post or change a transaction.

use serde_json::{Map, Value};
use subledger::account::Alias;
use subledger::balance::BalanceKey;
use subledger::error::Error;
use subledger::idempotency::{Fingerprint, IdempotencyKey};
use subledger::ledger::asset::{ASSET_CODE_LETTERS_MAX, AssetCode};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::Scope;
use subledger::money::text::{Name, Text};
use subledger::money::timestamp::Timestamp;
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{BlockLabel, NewLeg, NewTransaction};
use subledger::transaction::{LegLabels, Notes, Side, TransactionLabels, TransactionStatus};

use crate::json::{Json, Members};
use crate::v1::date::{DayEnd, parse_moment_or_day};
use crate::v1::error::ApiError;
use crate::v1::fields::{Fields, parse_object};
use crate::v1::metadata;

/// The form of a request that posts a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Sources and destinations.
    Transfer,
    /// Destinations; the source is the external account.
    Inflow,
    /// Sources; the destination is the external account.
    Outflow,
    /// Sources and destinations, recorded without moving anything.
    Annotation,
    /// As a transfer, and its operations are labelled as a block, or as the end of one.
    Labelled(BlockLabel),
}

impl Form {
    /// Its name in the fingerprint, so that equal bodies of two forms are different requests.
    const fn name(self) -> &'static str {
        match self {
            Self::Transfer => "json",
            Self::Inflow => "inflow",
            Self::Outflow => "outflow",
            Self::Annotation => "annotation",
            Self::Labelled(BlockLabel::Block) => "block",
            Self::Labelled(BlockLabel::Unblock) => "unblock",
        }
    }
}

/// Reads a request that posts a transaction.
///
/// # Errors
/// Those of [`Fields::finish`]; `0072`; `0034` for an asset code that no asset can have.
pub fn decode(
    scope: Scope,
    form: Form,
    idempotency_key: Option<&str>,
    body: &[u8],
) -> Result<NewTransaction, ApiError> {
    let idempotency_key = decode_key(idempotency_key)?;
    let object = parse_object(body)?;
    let fingerprint = fingerprint(form, &object);
    let mut fields = Fields::of(object);
    let labels = TransactionLabels {
        chart_of_accounts_group_name: fields.parsed("chartOfAccountsGroupName", Name::parse),
        code: fields.parsed("code", Text::parse),
        route: fields.parsed("route", Text::parse),
        route_id: fields.uuid("routeId"),
    };
    let description = fields.parsed("description", Name::parse);
    let metadata = metadata::take(&mut fields);
    let pending = match form {
        Form::Inflow => false,
        Form::Transfer | Form::Outflow | Form::Annotation => {
            fields.boolean("pending").unwrap_or(false)
        }
        Form::Labelled(_) => {
            if fields.boolean("pending") == Some(true) {
                fields.invalid("pending", "must be false: a block takes effect at once");
            }
            false
        }
    };
    let transaction_date = date(&mut fields);
    let send = fields.object("send", |send| take_send(send, form));
    if send.is_none() {
        fields.missing("send");
    }
    let (send, metadata) = fields.finish(|| Some((send??, metadata?)))?;
    let asset_code = AssetCode::parse(&send.asset).map_err(|_| Error::AssetNotFound)?;
    if let Some(foreign) = send.leg_assets.iter().find(|asset| **asset != send.asset) {
        return Err(ApiError::leg_asset(foreign, &send.asset));
    }
    let outside = || vec![outside(&asset_code, &send.value)];
    Ok(NewTransaction {
        scope,
        idempotency_key,
        status: match (form, pending) {
            (Form::Annotation, _) => TransactionStatus::Annotation,
            (_, true) => TransactionStatus::Pending,
            (_, false) => TransactionStatus::Approved,
        },
        label: match form {
            Form::Labelled(label) => Some(label),
            Form::Transfer | Form::Inflow | Form::Outflow | Form::Annotation => None,
        },
        sources: send.sources.unwrap_or_else(outside),
        destinations: send.destinations.unwrap_or_else(outside),
        value: send.value,
        asset_code,
        labels,
        notes: Notes { description, metadata },
        transaction_date,
        fingerprint,
    })
}

/// The error of a posting. A missing ledger is reported as `0007`.
#[must_use]
pub fn posting_error(error: Error) -> ApiError {
    if matches!(error, Error::LedgerNotFound) { ApiError::not_found() } else { error.into() }
}

fn decode_key(key: Option<&str>) -> Result<Option<IdempotencyKey>, ApiError> {
    let parse = |key| {
        IdempotencyKey::parse_with_min(key, 1).map_err(|_| {
            let text = "an idempotency key has 1 to 255 printable ASCII characters";
            ApiError::invalid_fields(Map::from_iter([("X-Idempotency".to_owned(), text.into())]))
        })
    };
    key.map(parse).transpose()
}

/// The fingerprint of a request: its form, and its body with the members in order.
fn fingerprint(form: Form, body: &Members<'_>) -> Fingerprint {
    let mut canonical = form.name().to_owned();
    write_object(body, &mut canonical);
    Fingerprint::of(canonical.as_bytes())
}

fn write_object(members: &Members<'_>, text: &mut String) {
    text.push('{');
    for (name, member) in members {
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push(':');
        write_value(member.value, text);
        text.push(',');
    }
    text.push('}');
}

/// Writes a value in one spelling; a number keeps the digits that were sent.
fn write_value(value: Json<'_>, text: &mut String) {
    if let Some(members) = value.members() {
        write_object(&members, text);
    } else if let Some(items) = value.items() {
        text.push('[');
        for item in items {
            write_value(item, text);
            text.push(',');
        }
        text.push(']');
    } else if let Some(string) = value.string() {
        text.push_str(&Value::from(string).to_string());
    } else {
        text.push_str(value.as_written());
    }
}

/// The field `send` of a body.
struct Send {
    asset: String,
    value: Amount,
    /// Absent: the external account.
    sources: Option<Vec<NewLeg>>,
    /// Absent: the external account.
    destinations: Option<Vec<NewLeg>>,
    /// The assets that the legs name.
    leg_assets: Vec<String>,
}

fn take_send(send: &mut Fields, form: Form) -> Option<Send> {
    let asset = send.required("asset", Text::<ASSET_CODE_LETTERS_MAX>::parse);
    // A value that is not there is a value of zero, which the domain refuses.
    let value = send.decimal("value").unwrap_or(Amount::ZERO);
    let mut leg_assets = Vec::new();
    let sources = match form {
        Form::Inflow => None,
        Form::Transfer | Form::Outflow | Form::Annotation | Form::Labelled(_) => {
            Some(take_side(send, "source", "from", Side::Source, &mut leg_assets))
        }
    };
    let destinations = match form {
        Form::Outflow => None,
        Form::Transfer | Form::Inflow | Form::Annotation | Form::Labelled(_) => {
            Some(take_side(send, "distribute", "to", Side::Destination, &mut leg_assets))
        }
    };
    Some(Send {
        asset: asset?.as_str().to_owned(),
        value,
        sources: sources.map_or(Some(None), |legs| legs.map(Some))?,
        destinations: destinations.map_or(Some(None), |legs| legs.map(Some))?,
        leg_assets,
    })
}

fn take_side(
    send: &mut Fields,
    name: &str,
    list: &str,
    side: Side,
    leg_assets: &mut Vec<String>,
) -> Option<Vec<NewLeg>> {
    let legs = send.object(name, |legs| {
        let taken = legs.objects(list, |leg| take_leg(leg, side, leg_assets));
        let taken = taken.filter(|taken| !taken.is_empty());
        if taken.is_none() {
            legs.missing(list);
        }
        taken
    });
    if legs.is_none() {
        send.missing(name);
    }
    legs.flatten()?.into_iter().collect()
}

fn take_leg(leg: &mut Fields, side: Side, leg_assets: &mut Vec<String>) -> Option<NewLeg> {
    let alias = leg.required("accountAlias", Name::parse);
    let key = leg.text("balanceKey").filter(|key| !key.is_empty());
    // A destination that calls itself a source would take value instead of getting it.
    if leg.boolean("isFrom") == Some(true) && side == Side::Destination {
        leg.refuse("isFrom", true.into());
    }
    let amount = leg.object("amount", |amount| {
        leg_assets.extend(amount.required("asset", Name::parse).map(|asset| asset.to_string()));
        amount.decimal("value").unwrap_or(Amount::ZERO)
    });
    let share = leg.object("share", |share| Portion::Share {
        percentage: percentage(share, "percentage").unwrap_or_else(|| {
            share.missing("percentage");
            0
        }),
        // Zero is what a client sends that knows no absent numbers.
        of_percentage: percentage(share, "percentageOfPercentage")
            .filter(|percentage| *percentage != 0)
            .unwrap_or(100),
    });
    let remaining = leg.text("remaining").filter(|remaining| !remaining.is_empty());
    let labels = take_labels(leg);
    let portion = match (amount, share, remaining) {
        (Some(amount), None, None) => Portion::Amount(amount),
        (None, Some(share), None) => share,
        (None, None, Some(_)) => Portion::Remaining,
        (None, None, None)
        | (Some(_), Some(_), _)
        | (_, Some(_), Some(_))
        | (Some(_), _, Some(_)) => {
            leg.special(ApiError::portion());
            return None;
        }
    };
    Some(NewLeg {
        alias: Alias::recognize(alias?.as_str()),
        key: match key {
            None => Some(BalanceKey::default_key()),
            Some(key) => BalanceKey::recognize(&key).ok(),
        },
        portion,
        labels: labels?,
    })
}

/// A percentage; zero, which no leg can have, where it is negative.
fn percentage(share: &mut Fields, name: &str) -> Option<u64> {
    share.integer(name).map(|percentage| u64::try_from(percentage).unwrap_or(0))
}

fn take_labels(leg: &mut Fields) -> Option<LegLabels> {
    Some(LegLabels {
        description: leg.parsed("description", Name::parse),
        chart_of_accounts: leg.parsed("chartOfAccounts", Name::parse),
        route: leg.parsed("route", Text::parse),
        route_id: leg.uuid("routeId"),
        metadata: metadata::take(leg)?,
    })
}

fn date(fields: &mut Fields) -> Option<Timestamp> {
    let text = fields.text("transactionDate").filter(|text| !text.is_empty())?;
    let date = parse_moment_or_day(&text, DayEnd::First);
    if date.is_none() {
        let why = "must be a date such as 2026-07-17 or a moment such as 2026-07-17T18:42:53Z";
        fields.invalid("transactionDate", why);
    }
    // The first moment there is is the empty one of clients that know no absent time.
    date.filter(|date| *date != Timestamp::MIN)
}

/// The leg of the external account.
fn outside(asset: &AssetCode, value: &Amount) -> NewLeg {
    NewLeg {
        alias: Some(Alias::external(asset)),
        key: Some(BalanceKey::default_key()),
        portion: Portion::Amount(value.clone()),
        labels: LegLabels::default(),
    }
}

/// What a client changes of its notes; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotesChange {
    description: Option<Name>,
    metadata: Option<Metadata>,
}

impl NotesChange {
    /// Reads the body of a request that changes a transaction.
    ///
    /// # Errors
    /// Those of [`Fields::finish`].
    pub fn decode(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let description =
            fields.parsed("description", Name::parse).filter(|text| !text.as_str().is_empty());
        let given = fields.has("metadata");
        let metadata = metadata::take(&mut fields);
        fields.finish(|| Some(Self { description, metadata: metadata.filter(|_| given) }))
    }

    /// The notes after the change.
    ///
    /// # Errors
    /// Those of [`Metadata::merged`].
    pub fn applied_to(&self, notes: &Notes) -> Result<Notes, Error> {
        let metadata = self.metadata.as_ref().map(|change| notes.metadata.merged(change));
        Ok(Notes {
            description: self.description.clone().or_else(|| notes.description.clone()),
            metadata: metadata.transpose()?.unwrap_or_else(|| notes.metadata.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use subledger::money::ids::{LedgerId, OrganizationId};
    use uuid::Uuid;

    use super::*;

    const SCOPE: Scope = Scope {
        organization: OrganizationId::new(Uuid::from_u128(1)),
        ledger: LedgerId::new(Uuid::from_u128(2)),
    };
    const SOURCE: &str =
        r#"{"from":[{"accountAlias":"@a","amount":{"asset":"USD","value":"10.00"}}]}"#;
    const DESTINATION: &str = r#"{"to":[{"accountAlias":"@b","remaining":"remaining"}]}"#;

    fn body(send: &str) -> String {
        format!(r#"{{"send":{{"asset":"USD",{send}}}}}"#)
    }

    fn transfer(value: &str) -> String {
        body(&format!(r#""value":{value},"source":{SOURCE},"distribute":{DESTINATION}"#))
    }

    fn with_leg(leg: &str) -> String {
        body(&format!(r#""value":"10","source":{{"from":[{leg}]}},"distribute":{DESTINATION}"#))
    }

    /// The code of the error, or the amounts that the legs ask for.
    #[track_caller]
    fn check(form: Form, body: &str, outcome: &str) {
        let found = match decode(SCOPE, form, None, body.as_bytes()) {
            Err(error) => error.code().to_owned(),
            Ok(new) => {
                let legs = |legs: &[NewLeg]| {
                    let leg =
                        |leg: &NewLeg| format!("{} {:?}", leg.alias.clone().unwrap(), leg.portion);
                    legs.iter().map(leg).collect::<Vec<_>>().join(", ")
                };
                format!("{:?}: {} > {}", new.status, legs(&new.sources), legs(&new.destinations))
            }
        };
        assert_eq!(found, outcome, "{body}");
    }

    #[test]
    fn every_form_has_its_sides() {
        let to_b = format!(r#""value":"10","distribute":{DESTINATION}"#);
        let from_a = format!(r#""value":"10","source":{SOURCE}"#);
        let amount = "Amount(Amount(10))";
        check(
            Form::Transfer,
            &transfer("\"10\""),
            &format!("Approved: @a {amount} > @b Remaining"),
        );
        check(
            Form::Annotation,
            &transfer("\"10\""),
            &format!("Annotation: @a {amount} > @b Remaining"),
        );
        check(
            Form::Inflow,
            &body(&to_b),
            &format!("Approved: @external/USD {amount} > @b Remaining"),
        );
        check(
            Form::Outflow,
            &body(&from_a),
            &format!("Approved: @a {amount} > @external/USD {amount}"),
        );
        check(Form::Inflow, &transfer("\"10\""), "0053");
        check(Form::Outflow, &transfer("\"10\""), "0053");
        check(Form::Transfer, &body(&to_b), "0009");
        let pending = transfer("\"10\"").replacen('{', r#"{"pending":true,"#, 1);
        check(Form::Transfer, &pending, &format!("Pending: @a {amount} > @b Remaining"));
        let inflow = body(&to_b).replacen('{', r#"{"pending":true,"#, 1);
        check(Form::Inflow, &inflow, "0053");
    }

    #[test]
    fn money_is_a_string() {
        check(Form::Transfer, &transfer("10"), "0053");
        check(Form::Transfer, &transfer("10.5"), "0053");
        check(Form::Transfer, &transfer("\"abc\""), "0094");
        check(Form::Transfer, &transfer("true"), "0094");
        check(Form::Transfer, &transfer(&format!("\"{}\"", "9".repeat(65))), "0047");
    }

    #[test]
    fn a_leg_has_exactly_one_portion() {
        let amount = r#""amount":{"asset":"USD","value":"10"}"#;
        let share = r#""share":{"percentage":50}"#;
        check(Form::Transfer, &with_leg(r#"{"accountAlias":"@a"}"#), "0072");
        check(
            Form::Transfer,
            &with_leg(&format!(r#"{{"accountAlias":"@a",{amount},{share}}}"#)),
            "0072",
        );
        check(
            Form::Transfer,
            &with_leg(&format!(r#"{{"accountAlias":"@a",{share}}}"#)),
            "Approved: @a Share { percentage: 50, of_percentage: 100 } > @b Remaining",
        );
        check(Form::Transfer, &with_leg(&format!("{{{amount}}}")), "0009");
        check(Form::Transfer, &with_leg("5"), "0094");
        check(
            Form::Transfer,
            &with_leg(r#"{"accountAlias":"@a","share":{"percentage":1.5}}"#),
            "0094",
        );
    }

    #[test]
    fn a_leg_of_another_asset_is_refused() {
        let leg = r#"{"accountAlias":"@a","amount":{"asset":"EUR","value":"10"}}"#;
        check(Form::Transfer, &with_leg(leg), "0034");
    }

    #[test]
    fn a_destination_that_calls_itself_a_source_is_refused() {
        let body = transfer("\"10\"");
        let destination =
            body.replace(r#""accountAlias":"@b""#, r#""accountAlias":"@b","isFrom":true"#);
        check(Form::Transfer, &destination, "0053");
        let source = body.replace(r#""accountAlias":"@a""#, r#""accountAlias":"@a","isFrom":true"#);
        check(Form::Transfer, &source, "Approved: @a Amount(Amount(10)) > @b Remaining");
    }

    #[test]
    fn a_body_without_legs_lacks_them() {
        check(Form::Transfer, "{}", "0009");
        check(Form::Transfer, r#"{"send":{}}"#, "0009");
        let send = format!(r#""value":"10","source":{{"from":[]}},"distribute":{DESTINATION}"#);
        check(Form::Transfer, &body(&send), "0009");
        check(Form::Transfer, r#"{"send":[]}"#, "0094");
        check(Form::Transfer, r#"{"send":{"asset":"USD","foo":1}}"#, "0053");
    }

    #[test]
    fn equal_requests_have_equal_fingerprints_whatever_their_spelling() {
        let fingerprint =
            |form, body: &str| fingerprint(form, &parse_object(body.as_bytes()).unwrap());
        let one = fingerprint(Form::Transfer, r#"{"a":"x","b":{"c":[1,2.50],"d":null}}"#);
        let other = fingerprint(Form::Transfer, r#"{ "b":{"d":null, "c":[1,2.50]},"a":"\u0078"}"#);
        assert_eq!(one, other);
        for body in [
            r#"{"a":"x","b":{"c":[1,2.51],"d":null}}"#,
            r#"{"a":"x","b":{"c":[2.50,1],"d":null}}"#,
            r#"{"a":"x","b":{"c":[1,2.500000000000000000000001],"d":null}}"#,
        ] {
            assert_ne!(one, fingerprint(Form::Transfer, body), "{body}");
        }
        let annotation = fingerprint(Form::Annotation, r#"{"a":"x","b":{"c":[1,2.50],"d":null}}"#);
        assert_ne!(one, annotation);
    }
}
