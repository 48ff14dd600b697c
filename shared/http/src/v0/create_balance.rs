//! Decodes the request that opens a balance.

use std::collections::BTreeMap;

use serde::Serialize;
use subledger::balance::create::NewCreditBalance;
use subledger::balance::credit::{
    AutopayMethod, CreditRecord, CreditStructure, CreditTerms, INTERVAL_DAYS_MAX, Interest,
    IntervalDays, NonRevolvingTerms, PaymentFrequency, PaymentFrequencyError,
    RATE_INTEGER_DIGITS_MAX, REPAYMENT_DETAILS_MAX, Rate, Repayment, RevolvingTerms, RewardsUnit,
    Term, TermUnit,
};
use subledger::idempotency::Fingerprint;
use subledger::metadata::Metadata;
use subledger::money::bounded_list::BoundedList;
use subledger::money::ids::{AccountId, Scope};
use subledger::money::text::Text;

use crate::reply::json;

use super::credit::Details;
use super::error::ApiError;
use super::fields::{Node, Object, read_body};
use super::ids::{account_referred_to, spell_account_id};
use super::{BALANCE_KEY_CHARACTERS_MIN, idempotency_key, metadata};

/// The one currency of the dialect.
const CURRENCY: &str = "USD";
/// The one type of balance that the dialect opens.
const TYPE: &str = "credit";

const INTERVAL: &str = "expected_payment_frequency_interval_days";

/// Decodes `POST /v0/subledger_balances`: the header first, then the body as JSON, then everything
/// that is wrong with the body at once.
///
/// # Errors
/// Those of [`idempotency_key`]; [`ApiError::PayloadInvalid`]; [`ApiError::ParametersInvalid`].
pub fn decode_create_balance(
    scope: Scope,
    idempotency_key_header: Option<&str>,
    body: &[u8],
) -> Result<NewCreditBalance, ApiError> {
    let idempotency_key = idempotency_key(idempotency_key_header, BALANCE_KEY_CHARACTERS_MIN)?;
    let (account, credit) = read_body(body, balance)?;
    Ok(NewCreditBalance { scope, idempotency_key, account, credit })
}

fn balance(body: &Object<'_>) -> Option<(AccountId, CreditRecord)> {
    let only = |wanted: &'static str| {
        move |node: &Node<'_>| {
            node.parsed(|text| (text == wanted).then_some(()), format!("must be {wanted}"))
        }
    };
    let account_reference = body.required("account_id", Node::text);
    let name = body.required("client_subledger_balance_name", Node::text);
    let currency = body.required("currency_code", only(CURRENCY));
    let kind = body.required("type", only(TYPE));
    let terms = body.required("details", |node| details(&node.object()?));
    let settlement_bank_account = body.optional("client_settlement_bank_account_id", Node::text);
    let metadata = body.optional("metadata", Node::metadata);
    let ((), ()) = (currency?, kind?);
    let account_reference = account_reference?;
    let account = account_referred_to(account_reference.as_str());
    let (name, terms) = (name?, terms?);
    let settlement_bank_account = settlement_bank_account?;
    let metadata = metadata?.unwrap_or_default();
    let fingerprint =
        fingerprint(account, &name, settlement_bank_account.as_ref(), &terms, &metadata);
    let credit = CreditRecord {
        account_reference,
        name,
        settlement_bank_account,
        terms,
        metadata,
        fingerprint,
    };
    Some((account, credit))
}

fn details(details: &Object<'_>) -> Option<CreditTerms> {
    let structure = details.required("structure", |node| {
        node.named(&["non_revolving", "revolving"], |name| match name {
            "non_revolving" => Some(true),
            "revolving" => Some(false),
            _ => None,
        })
    });
    let rewards = details.optional("balances", |node| {
        node.object()?.optional("rewards", |node| {
            node.object()?
                .required("unit", |unit| unit.named(RewardsUnit::NAMES, RewardsUnit::from_name))
        })
    });
    let autopay_method = details.required("autopay_method", |node| {
        node.named(AutopayMethod::NAMES, AutopayMethod::from_name)
    });
    let is_interest_based = details.required("is_interest_based", |node| {
        if node.is_null() { Some(None) } else { node.boolean().map(Some) }
    });
    let effective_apr = details.required("effective_apr", rate);
    let effective_interest_rate = details.required("effective_interest_rate", rate);
    let interest_rate = details.optional("interest_rate", rate);
    let interest = match (is_interest_based, interest_rate) {
        (Some(is_based), Some(rate)) => {
            Interest::new(is_based, rate).or_else(|| details.refuse("interest_rate", "missing"))
        }
        (None, _) | (_, None) => None,
    };
    let structure = if structure? {
        non_revolving(details).map(CreditStructure::NonRevolving)
    } else {
        revolving(details).map(CreditStructure::Revolving)
    };
    Some(CreditTerms {
        rewards: rewards?.flatten(),
        autopay_method: autopay_method?,
        interest: interest?,
        effective_apr: effective_apr?,
        effective_interest_rate: effective_interest_rate?,
        structure: structure?,
    })
}

fn rate<const DECIMALS: usize>(node: &Node<'_>) -> Option<Rate<DECIMALS>> {
    node.parsed(
        Rate::parse,
        format!(
            "must be a percentage with at most {RATE_INTEGER_DIGITS_MAX} digits, a point and exactly \
             {DECIMALS} digits"
        ),
    )
}

fn non_revolving(details: &Object<'_>) -> Option<NonRevolvingTerms> {
    let expected_maturity_date = details.required("expected_maturity_date", Node::date);
    let repayment_details = details.required("repayment_details", |node| {
        let items = node.items(REPAYMENT_DETAILS_MAX, |item| repayment(&item.object()?))?;
        BoundedList::new(items)
    });
    let max_funding_amount = details.required("max_funding_amount", Node::integer);
    let term = details.required("term", |node| {
        let term = node.object()?;
        let value = term.required("value", Node::integer);
        let unit = term.required("unit", |unit| unit.named(TermUnit::NAMES, TermUnit::from_name));
        Some(Term { value: value?, unit: unit? })
    });
    let expected_finance_charge_amount =
        details.required("expected_finance_charge_amount", Node::integer);
    Some(NonRevolvingTerms {
        expected_maturity_date: expected_maturity_date?,
        repayment_details: repayment_details?,
        max_funding_amount: max_funding_amount?,
        term: term?,
        expected_finance_charge_amount: expected_finance_charge_amount?,
    })
}

fn revolving(details: &Object<'_>) -> Option<RevolvingTerms> {
    let repayment_details = details.required("repayment_details", |node| {
        let items = node.items(REPAYMENT_DETAILS_MAX, |item| frequency(&item.object()?))?;
        BoundedList::new(items)
    });
    Some(RevolvingTerms { repayment_details: repayment_details? })
}

fn repayment(item: &Object<'_>) -> Option<Repayment> {
    let frequency = frequency(item);
    let expected_number_of_payments = item.optional("expected_number_of_payments", Node::integer);
    let expected_first_payment_date = item.optional("expected_first_payment_date", Node::date);
    let expected_last_payment_date = item.optional("expected_last_payment_date", Node::date);
    let expected_first_payment_amount =
        item.optional("expected_first_payment_amount", Node::integer);
    let expected_last_payment_amount = item.optional("expected_last_payment_amount", Node::integer);
    let expected_payment_amount = item.optional("expected_payment_amount", Node::integer);
    Some(Repayment {
        frequency: frequency?,
        expected_number_of_payments: expected_number_of_payments?,
        expected_first_payment_date: expected_first_payment_date?,
        expected_last_payment_date: expected_last_payment_date?,
        expected_first_payment_amount: expected_first_payment_amount?,
        expected_last_payment_amount: expected_last_payment_amount?,
        expected_payment_amount: expected_payment_amount?,
    })
}

fn frequency(item: &Object<'_>) -> Option<PaymentFrequency> {
    let name = item.required("expected_payment_frequency", |node| {
        let known =
            |name: &str| PaymentFrequency::NAMES.iter().find(|known| **known == name).copied();
        node.named(PaymentFrequency::NAMES, known)
    });
    let interval = item.optional(INTERVAL, |node| {
        node.small_integer(IntervalDays::new, format!("must be 1 to {INTERVAL_DAYS_MAX}"))
    });
    match PaymentFrequency::new(name?, interval?) {
        Ok(frequency) => Some(frequency),
        Err(PaymentFrequencyError::IntervalMissing) => item.refuse(INTERVAL, "missing"),
        Err(PaymentFrequencyError::IntervalNotAllowed) => {
            item.refuse(INTERVAL, "must be absent unless the frequency is fixed_interval")
        }
        Err(PaymentFrequencyError::UnknownName) => None,
    }
}

/// The fingerprint of a request: of what the service has read of it, written as JSON in the order of
/// these structs. Fingerprints are stored, so the order and the names of the members stay as they
/// are; a member that is added later is left out if it is absent.
fn fingerprint<const NAME: usize, const BANK_ACCOUNT: usize>(
    account: AccountId,
    name: &Text<NAME>,
    settlement_bank_account: Option<&Text<BANK_ACCOUNT>>,
    terms: &CreditTerms,
    sent_metadata: &Metadata,
) -> Fingerprint {
    #[derive(Serialize)]
    struct Canonical<'a> {
        account_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_settlement_bank_account_id: Option<&'a str>,
        client_subledger_balance_name: &'a str,
        currency_code: &'static str,
        details: Details<'a, Balances>,
        metadata: BTreeMap<&'a str, &'a str>,
        r#type: &'static str,
    }

    #[derive(Serialize)]
    struct Balances {
        #[serde(skip_serializing_if = "Option::is_none")]
        rewards: Option<Rewards>,
    }

    #[derive(Serialize)]
    struct Rewards {
        unit: &'static str,
    }

    let rewards = terms.rewards.map(|unit| Rewards { unit: unit.name() });
    let canonical = Canonical {
        account_id: spell_account_id(account),
        client_settlement_bank_account_id: settlement_bank_account.map(Text::as_str),
        client_subledger_balance_name: name.as_str(),
        currency_code: CURRENCY,
        details: Details::new(terms, Balances { rewards }),
        metadata: metadata(sent_metadata),
        r#type: TYPE,
    };
    Fingerprint::of(json(&canonical).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use subledger::money::ids::{LedgerId, OrganizationId};
    use uuid::Uuid;

    const MISSING: &str = "missing";
    const NULL: &str = "must not be null";
    const NO_STRING: &str = "must be a string";
    const NO_INTEGER: &str = "must be an integer";
    const NO_DATE: &str = "must be a date such as 2026-07-17";
    const FRACTION: &str = "must be an integer, without a point or an exponent";
    const RATE_3: &str =
        "must be a percentage with at most 16 digits, a point and exactly 3 digits";
    const RATE_6: &str =
        "must be a percentage with at most 16 digits, a point and exactly 6 digits";
    const FREQUENCIES: &str = "must be one of business_daily, weekly, biweekly, semi_monthly, \
         monthly, quarterly, semi_annually, annually, fixed_interval, maturity, variable";
    const ABSENT_INTERVAL: &str = "must be absent unless the frequency is fixed_interval";

    fn scope() -> Scope {
        Scope {
            organization: OrganizationId::new(Uuid::from_u128(1)),
            ledger: LedgerId::new(Uuid::from_u128(2)),
        }
    }

    fn decode(body: &str) -> Result<NewCreditBalance, ApiError> {
        decode_create_balance(scope(), Some("key-1"), body.as_bytes())
    }

    fn non_revolving() -> Value {
        json!({
            "account_id": "account_0000000000000000000010",
            "client_subledger_balance_name": "Personal Loan - Home Improvement",
            "currency_code": "USD",
            "type": "credit",
            "details": {
                "structure": "non_revolving",
                "autopay_method": "ach",
                "is_interest_based": true,
                "effective_apr": "10.250",
                "effective_interest_rate": "9.500000",
                "interest_rate": "9.990000",
                "expected_maturity_date": "2020-01-31",
                "repayment_details": [
                    {
                        "expected_payment_frequency": "monthly",
                        "expected_number_of_payments": 12,
                        "expected_first_payment_date": "2019-02-28",
                        "expected_last_payment_date": "2020-01-31",
                        "expected_first_payment_amount": 100,
                        "expected_last_payment_amount": 300,
                        "expected_payment_amount": 200
                    },
                    {
                        "expected_payment_frequency": "fixed_interval",
                        "expected_payment_frequency_interval_days": 45
                    }
                ],
                "max_funding_amount": 500_000,
                "term": {"value": 12, "unit": "months"},
                "expected_finance_charge_amount": 0
            }
        })
    }

    fn revolving() -> Value {
        json!({
            "account_id": "account_0000000000000000000010",
            "client_subledger_balance_name": "Line of credit",
            "currency_code": "USD",
            "type": "credit",
            "details": {
                "structure": "revolving",
                "balances": {"rewards": {"unit": "points"}},
                "autopay_method": "none",
                "is_interest_based": null,
                "effective_apr": "0.000",
                "effective_interest_rate": "0.000000",
                "repayment_details": [{"expected_payment_frequency": "variable"}]
            },
            "client_settlement_bank_account_id": "12345",
            "metadata": {"external_id": "BIZ-2024-001"}
        })
    }

    /// The body with another value at a path, or without it where the value is `None`.
    fn with(mut body: Value, pointer: &str, value: Option<Value>) -> String {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => drop(parent.insert(name.to_owned(), value)),
            None => drop(parent.remove(name)),
        }
        body.to_string()
    }

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        let error = decode(body).unwrap_err();
        let listed = error.invalid_parameters();
        let listed: Vec<_> = listed.iter().map(|one| (one.parameter(), one.reason())).collect();
        assert_eq!(listed, expected);
        assert_eq!((error.status(), error.code()), (422, "parameters_invalid"));
    }

    /// One field of the non-revolving body, by its JSON pointer, is not acceptable.
    #[track_caller]
    fn check_field(pointer: &str, value: Option<Value>, reason: &str) {
        let path = pointer.trim_start_matches('/').replace('/', ".");
        let path = path.replace(".0.", "[0].").replace(".1.", "[1].");
        check(&with(non_revolving(), pointer, value), &[(&path, reason)]);
    }

    #[track_caller]
    fn check_fits(pointer: &str, value: Option<Value>) {
        decode(&with(non_revolving(), pointer, value)).unwrap();
    }

    #[test]
    fn a_whole_non_revolving_body_is_understood() {
        let NewCreditBalance { scope: decoded_scope, account, credit, .. } =
            decode(&non_revolving().to_string()).unwrap();
        assert_eq!(decoded_scope, scope());
        assert_eq!(account.uuid(), Uuid::from_u128(62));
        assert_eq!(credit.account_reference.as_str(), "account_0000000000000000000010");
        assert_eq!(credit.name.as_str(), "Personal Loan - Home Improvement");
        assert_eq!(credit.settlement_bank_account, None);
        assert!(credit.metadata.is_empty());
        let terms = credit.terms;
        assert_eq!(terms.rewards, None);
        assert_eq!(terms.autopay_method, AutopayMethod::Ach);
        assert_eq!(terms.interest.is_interest_based(), Some(true));
        assert_eq!(terms.interest.rate().map(Rate::as_str), Some("9.990000"));
        assert_eq!(terms.effective_apr.as_str(), "10.250");
        assert_eq!(terms.effective_interest_rate.as_str(), "9.500000");
        let CreditStructure::NonRevolving(terms) = terms.structure else {
            panic!("not non-revolving");
        };
        assert_eq!(terms.expected_maturity_date.to_string(), "2020-01-31");
        assert_eq!(terms.max_funding_amount, 500_000);
        assert_eq!(terms.term, Term { value: 12, unit: TermUnit::Months });
        assert_eq!(terms.expected_finance_charge_amount, 0);
        let [first, second] = terms.repayment_details.as_slice() else {
            panic!("not two rules");
        };
        assert_eq!(first.frequency, PaymentFrequency::Monthly);
        assert_eq!(first.expected_number_of_payments, Some(12));
        assert_eq!(first.expected_first_payment_amount, Some(100));
        assert_eq!(first.expected_last_payment_amount, Some(300));
        assert_eq!(first.expected_payment_amount, Some(200));
        assert_eq!(second.frequency.interval(), IntervalDays::new(45));
        assert_eq!(second.expected_number_of_payments, None);
    }

    #[test]
    fn a_whole_revolving_body_is_understood() {
        let credit = decode(&revolving().to_string()).unwrap().credit;
        assert_eq!(
            credit.settlement_bank_account.map(|text| text.to_string()).as_deref(),
            Some("12345")
        );
        assert_eq!(credit.metadata.iter().count(), 1);
        assert_eq!(credit.terms.rewards, Some(RewardsUnit::Points));
        assert_eq!(credit.terms.interest.is_interest_based(), None);
        assert_eq!(credit.terms.interest.rate(), None);
        let CreditStructure::Revolving(terms) = credit.terms.structure else {
            panic!("not revolving");
        };
        assert_eq!(terms.repayment_details.as_slice(), [PaymentFrequency::Variable]);
    }

    #[test]
    fn the_header_comes_before_the_body_and_json_before_its_meaning() {
        let status = |key, body: &[u8]| {
            let error = decode_create_balance(scope(), key, body).unwrap_err();
            (error.status(), error.code())
        };
        assert_eq!(status(None, b"{"), (400, "idempotency_error"));
        assert_eq!(status(Some("four"), b"{"), (422, "parameters_invalid"));
        assert_eq!(status(Some("fives"), b"{"), (400, "payload_invalid"));
        assert_eq!(status(Some("fives"), b""), (400, "payload_invalid"));
        assert_eq!(status(Some("fives"), b"{}"), (422, "parameters_invalid"));
        assert_eq!(status(Some("fives"), b"[]"), (422, "parameters_invalid"));
        assert_eq!(status(Some("fives"), b"null"), (422, "parameters_invalid"));
    }

    #[test]
    fn everything_that_is_missing_is_listed_in_the_order_of_the_document() {
        check(
            "{}",
            &[
                ("account_id", MISSING),
                ("client_subledger_balance_name", MISSING),
                ("currency_code", MISSING),
                ("type", MISSING),
                ("details", MISSING),
            ],
        );
        let common = [
            ("details.autopay_method", MISSING),
            ("details.is_interest_based", MISSING),
            ("details.effective_apr", MISSING),
            ("details.effective_interest_rate", MISSING),
        ];
        let body = |details| with(non_revolving(), "/details", Some(details));
        check(&body(json!({})), &[&[("details.structure", MISSING)], &common[..]].concat());
        check(
            &body(json!({"structure": "non_revolving"})),
            &[
                &common[..],
                &[
                    ("details.expected_maturity_date", MISSING),
                    ("details.repayment_details", MISSING),
                    ("details.max_funding_amount", MISSING),
                    ("details.term", MISSING),
                    ("details.expected_finance_charge_amount", MISSING),
                ],
            ]
            .concat(),
        );
        check(
            &body(json!({"structure": "revolving"})),
            &[&common[..], &[("details.repayment_details", MISSING)]].concat(),
        );
    }

    #[test]
    fn several_mistakes_are_listed_together() {
        let mut body = non_revolving();
        body["account_id"] = json!(7);
        body["currency_code"] = json!("usd");
        body["details"]["term"] = json!({"value": "12", "unit": "month"});
        body["details"]["repayment_details"][0]["expected_payment_frequency_interval_days"] =
            json!(30);
        body["details"]["repayment_details"][1] = json!("weekly");
        body["metadata"] = json!({"n": 1});
        check(
            &body.to_string(),
            &[
                ("account_id", NO_STRING),
                ("currency_code", "must be USD"),
                (
                    "details.repayment_details[0].expected_payment_frequency_interval_days",
                    ABSENT_INTERVAL,
                ),
                ("details.repayment_details[1]", "must be an object"),
                ("details.term.value", NO_INTEGER),
                ("details.term.unit", "must be one of days, weeks, months, years"),
                ("metadata.n", NO_STRING),
            ],
        );
    }

    #[test]
    fn the_account_is_any_text_of_64_characters() {
        check_fits("/account_id", Some(json!("partner_ledgered_account_1")));
        check_fits("/account_id", Some(json!("é".repeat(64))));
        check_field("/account_id", Some(json!("é".repeat(65))), "must have at most 64 characters");
        check_field("/account_id", Some(json!("a\0")), "must not contain NUL");
        check_field("/account_id", Some(Value::Null), NULL);
        let named = |id: &str| {
            let body = with(non_revolving(), "/account_id", Some(json!(id)));
            decode(&body).unwrap().account.uuid()
        };
        assert_eq!(named("00000000-0000-0000-0000-00000000003e"), Uuid::from_u128(62));
        assert_eq!(named("account_of_another_system"), Uuid::nil());
    }

    #[test]
    fn the_name_has_at_most_64_characters() {
        let name = "/client_subledger_balance_name";
        check_fits(name, Some(json!("")));
        check_fits(name, Some(json!("ü".repeat(64))));
        check_field(name, Some(json!("ü".repeat(65))), "must have at most 64 characters");
        check_field(name, Some(json!(["x"])), NO_STRING);
        check_field(name, Some(Value::Null), NULL);
    }

    #[test]
    fn currency_and_type_have_one_value() {
        check_field("/currency_code", Some(json!("EUR")), "must be USD");
        check_field("/currency_code", Some(json!("usd")), "must be USD");
        check_field("/currency_code", Some(Value::Null), NULL);
        check_field("/type", Some(json!("deposit")), "must be credit");
        check_field("/type", Some(json!(1)), NO_STRING);
    }

    #[test]
    fn the_settlement_account_is_optional_text() {
        let settlement = "/client_settlement_bank_account_id";
        check_fits(settlement, Some(json!("x".repeat(255))));
        check_field(settlement, Some(json!("x".repeat(256))), "must have at most 255 characters");
        check_field(settlement, Some(json!(12345)), NO_STRING);
        check_field(settlement, Some(Value::Null), NULL);
    }

    #[test]
    fn metadata_is_optional_texts() {
        check_fits("/metadata", Some(json!({})));
        check_field("/metadata", Some(Value::Null), NULL);
        check_field("/metadata", Some(json!("x")), "must be an object");
    }

    #[test]
    fn details_are_read_by_their_structure() {
        let unknown = "must be one of non_revolving, revolving";
        check_field("/details/structure", Some(json!("loan")), unknown);
        check_field("/details/structure", Some(Value::Null), NULL);
        check_field("/details", Some(json!([])), "must be an object");
        check_field("/details", Some(Value::Null), NULL);
        // What belongs to the other structure is unknown here, so it may be anything.
        let mut body = revolving();
        body["details"]["term"] = json!("x");
        body["details"]["repayment_details"][0]["expected_payment_amount"] = json!("x");
        decode(&body.to_string()).unwrap();
    }

    #[test]
    fn rewards_have_a_unit() {
        let balances = "/details/balances";
        check_fits(balances, Some(json!({})));
        check_fits(balances, Some(json!({"rewards": {"unit": "usd"}})));
        check_field(balances, Some(Value::Null), NULL);
        check_field(balances, Some(json!([])), "must be an object");
        let refused = |value, parameter, reason| {
            check(&with(non_revolving(), balances, Some(value)), &[(parameter, reason)]);
        };
        refused(json!({"rewards": null}), "details.balances.rewards", NULL);
        refused(json!({"rewards": {}}), "details.balances.rewards.unit", MISSING);
        let unit = "details.balances.rewards.unit";
        refused(json!({"rewards": {"unit": "USD"}}), unit, "must be one of usd, points");
    }

    #[test]
    fn autopay_has_six_methods() {
        let autopay = "/details/autopay_method";
        for method in ["ach", "debit_card", "wire", "virtual_wallet", "credit_card", "none"] {
            check_fits(autopay, Some(json!(method)));
        }
        let unknown = "must be one of ach, debit_card, wire, virtual_wallet, credit_card, none";
        check_field(autopay, Some(json!("cash")), unknown);
        check_field(autopay, None, MISSING);
        check_field(autopay, Some(Value::Null), NULL);
    }

    #[test]
    fn interest_has_a_rate_if_there_is_interest() {
        let body = |is_based: Value, rate: Option<Value>| {
            let body = with(non_revolving(), "/details/interest_rate", rate);
            let body: Value = serde_json::from_str(&body).unwrap();
            with(body, "/details/is_interest_based", Some(is_based))
        };
        let rate = || Some(json!("9.990000"));
        for (is_based, rate) in [
            (json!(true), rate()),
            (json!(false), rate()),
            (json!(false), None),
            (json!(null), rate()),
            (json!(null), None),
        ] {
            decode(&body(is_based, rate)).unwrap();
        }
        check(&body(json!(true), None), &[("details.interest_rate", MISSING)]);
        check(&body(json!(false), Some(Value::Null)), &[("details.interest_rate", NULL)]);
        check(&body(json!(null), Some(json!("9.99"))), &[("details.interest_rate", RATE_6)]);
        let is_based = "/details/is_interest_based";
        check_field(is_based, Some(json!("true")), "must be true or false");
        check_field(is_based, None, MISSING);
    }

    #[test]
    fn rates_are_texts_with_exact_decimals() {
        let apr = "/details/effective_apr";
        check_fits(apr, Some(json!("0.000")));
        check_fits(apr, Some(json!("1234567890123456.000")));
        for text in ["10.25", "10.2500", "10", ".250", "-1.000", "1e1.000", "", "x"] {
            check_field(apr, Some(json!(text)), RATE_3);
        }
        check_field(apr, Some(json!("12345678901234567.000")), RATE_3);
        check_field(apr, Some(json!(10.25)), NO_STRING);
        check_field(apr, Some(Value::Null), NULL);
        check_field(apr, None, MISSING);
        let effective = "/details/effective_interest_rate";
        check_field(effective, Some(json!("9.500")), RATE_6);
        check_field(effective, Some(json!("9.5000000")), RATE_6);
        check_field(effective, Some(json!(9)), NO_STRING);
        check_field(effective, None, MISSING);
    }

    #[test]
    fn a_maturity_date_is_a_day_that_exists_and_may_be_past() {
        let maturity = "/details/expected_maturity_date";
        check_fits(maturity, Some(json!("1999-12-31")));
        for text in ["2026-02-30", "2026-2-3", "2026-02-03T00:00:00Z", "03/02/2026", ""] {
            check_field(maturity, Some(json!(text)), NO_DATE);
        }
        check_field(maturity, Some(json!(20_260_203)), NO_STRING);
        check_field(maturity, Some(Value::Null), NULL);
    }

    #[test]
    fn amounts_are_integers_of_any_sign_that_fit_in_64_bits() {
        for name in ["max_funding_amount", "expected_finance_charge_amount"] {
            let pointer = format!("/details/{name}");
            check_fits(&pointer, Some(json!(-1)));
            check_fits(&pointer, Some(json!(9_223_372_036_854_775_807_u64)));
            let above = json!(9_223_372_036_854_775_808_u64);
            check_field(&pointer, Some(above), "must fit in 64 bits");
            check_field(&pointer, Some(json!(10.0)), FRACTION);
            check_field(&pointer, Some(json!("10")), NO_INTEGER);
            check_field(&pointer, Some(Value::Null), NULL);
        }
    }

    #[test]
    fn a_term_has_a_value_and_a_unit() {
        for unit in ["days", "weeks", "months", "years"] {
            check_fits("/details/term", Some(json!({"value": 0, "unit": unit})));
        }
        check_field("/details/term", Some(json!("12 months")), "must be an object");
        check_field("/details/term/value", Some(json!(1.5)), FRACTION);
        check_field("/details/term/value", None, MISSING);
        check_field("/details/term/unit", None, MISSING);
        let unknown = "must be one of days, weeks, months, years";
        check_field("/details/term/unit", Some(json!("month")), unknown);
    }

    #[test]
    fn repayment_details_are_at_most_100_objects() {
        let repayment = "/details/repayment_details";
        check_fits(repayment, Some(json!([])));
        let rules =
            |count: usize| json!(vec![json!({"expected_payment_frequency": "weekly"}); count]);
        check_fits(repayment, Some(rules(100)));
        check_field(repayment, Some(rules(101)), "must have at most 100 items");
        check_field(repayment, Some(json!({})), "must be an array");
        check_field(repayment, Some(Value::Null), NULL);
        let first = "/details/repayment_details/0";
        for name in ["expected_first_payment_date", "expected_last_payment_date"] {
            check_fits(&format!("{first}/{name}"), None);
            check_field(&format!("{first}/{name}"), Some(json!("soon")), NO_DATE);
            check_field(&format!("{first}/{name}"), Some(Value::Null), NULL);
        }
        for name in [
            "expected_number_of_payments",
            "expected_first_payment_amount",
            "expected_last_payment_amount",
            "expected_payment_amount",
        ] {
            check_fits(&format!("{first}/{name}"), None);
            check_field(&format!("{first}/{name}"), Some(json!("1")), NO_INTEGER);
            check_field(&format!("{first}/{name}"), Some(json!(0.5)), FRACTION);
            check_field(&format!("{first}/{name}"), Some(Value::Null), NULL);
        }
    }

    #[test]
    fn a_fixed_interval_and_nothing_else_has_a_number_of_days() {
        const RANGE: &str = "must be 1 to 730";
        const PATH: &str = "details.repayment_details[0].expected_payment_frequency_interval_days";
        for base in [non_revolving(), revolving()] {
            let body =
                |rule: Value| with(base.clone(), "/details/repayment_details", Some(json!([rule])));
            let fixed = |days: Value| {
                body(json!({
                    "expected_payment_frequency": "fixed_interval",
                    "expected_payment_frequency_interval_days": days
                }))
            };
            decode(&fixed(json!(1))).unwrap();
            decode(&fixed(json!(730))).unwrap();
            for days in [json!(0), json!(731), json!(-1), json!(65_537)] {
                check(&fixed(days), &[(PATH, RANGE)]);
            }
            check(&fixed(json!("30")), &[(PATH, NO_INTEGER)]);
            check(&fixed(json!(null)), &[(PATH, NULL)]);
            check(&fixed(json!(30.0)), &[(PATH, FRACTION)]);
            let without = json!({"expected_payment_frequency": "fixed_interval"});
            check(&body(without), &[(PATH, MISSING)]);
            for name in PaymentFrequency::NAMES.iter().filter(|name| **name != "fixed_interval") {
                decode(&body(json!({"expected_payment_frequency": name}))).unwrap();
                let with_days = json!({
                    "expected_payment_frequency": name,
                    "expected_payment_frequency_interval_days": 30
                });
                check(&body(with_days), &[(PATH, ABSENT_INTERVAL)]);
            }
            let frequency = "details.repayment_details[0].expected_payment_frequency";
            check(&body(json!({})), &[(frequency, MISSING)]);
            let daily = json!({"expected_payment_frequency": "daily"});
            check(&body(daily), &[(frequency, FREQUENCIES)]);
        }
    }

    #[test]
    fn a_torn_or_garbled_body_is_refused_and_nothing_worse() {
        let whole = revolving().to_string().into_bytes();
        for length in 0..whole.len() {
            let error = decode_create_balance(scope(), Some("key-1"), &whole[..length]);
            assert_eq!(error.unwrap_err().code(), "payload_invalid", "{length}");
        }
        for place in 0..whole.len() {
            for garbage in [0, b'"', b'\\', b'{', b']', b'-', b'e', b'0', 0xc3, 0xff] {
                let mut garbled = whole.clone();
                garbled[place] = garbage;
                if let Err(error) = decode_create_balance(scope(), Some("key-1"), &garbled) {
                    assert!(matches!(error.status(), 400 | 422), "{place} {garbage}");
                }
            }
        }
    }

    fn fingerprint(body: &str) -> Fingerprint {
        decode(body).unwrap().credit.fingerprint
    }

    #[test]
    fn spelling_does_not_make_another_request() {
        let asked = fingerprint(&revolving().to_string());
        let again = r#" { "metadata" : {"external_id": "BIZ\u002d2024-001"},
            "type":"credit", "currency_code":"USD", "unknown": [1.5, null],
            "client_settlement_bank_account_id":"12345",
            "client_subledger_balance_name":"Line of credit",
            "details": {"repayment_details":[{"expected_payment_frequency":"variable","x":1}],
                "is_interest_based":null, "effective_interest_rate":"0.000000",
                "effective_apr":"0.000", "autopay_method":"none", "term": {},
                "balances":{"rewards":{"unit":"points"}}, "structure":"revolving"},
            "account_id":"00000000-0000-0000-0000-00000000003e" } "#;
        assert_eq!(fingerprint(again), asked);
    }

    #[test]
    fn every_known_field_makes_another_request() {
        let asked = fingerprint(&revolving().to_string());
        for (pointer, value) in [
            ("/account_id", Some(json!("account_0000000000000000000011"))),
            ("/client_subledger_balance_name", Some(json!("Other"))),
            ("/client_settlement_bank_account_id", None),
            ("/metadata/external_id", Some(json!("x"))),
            ("/metadata/more", Some(json!(""))),
            ("/details/balances", None),
            ("/details/balances/rewards/unit", Some(json!("usd"))),
            ("/details/autopay_method", Some(json!("ach"))),
            ("/details/is_interest_based", Some(json!(false))),
            ("/details/effective_apr", Some(json!("00.000"))),
            ("/details/effective_interest_rate", Some(json!("1.000000"))),
            ("/details/interest_rate", Some(json!("1.000000"))),
            ("/details/repayment_details", Some(json!([]))),
        ] {
            assert_ne!(fingerprint(&with(revolving(), pointer, value)), asked, "{pointer}");
        }
    }

    #[test]
    fn the_canonical_form_never_changes() {
        let NewCreditBalance { credit, .. } = decode(&non_revolving().to_string()).unwrap();
        assert_eq!(
            credit.fingerprint,
            Fingerprint::of(
                "{\"account_id\":\"account_0000000000000000000010\",\
             \"client_subledger_balance_name\":\"Personal Loan - Home Improvement\",\
             \"currency_code\":\"USD\",\
             \"details\":{\"structure\":\"non_revolving\",\"balances\":{},\
             \"autopay_method\":\"ach\",\"is_interest_based\":true,\
             \"effective_apr\":\"10.250\",\"effective_interest_rate\":\"9.500000\",\
             \"interest_rate\":\"9.990000\",\"expected_maturity_date\":\"2020-01-31\",\
             \"repayment_details\":[{\"expected_payment_frequency\":\"monthly\",\
             \"expected_number_of_payments\":12,\
             \"expected_first_payment_date\":\"2019-02-28\",\
             \"expected_last_payment_date\":\"2020-01-31\",\
             \"expected_first_payment_amount\":100,\"expected_last_payment_amount\":300,\
             \"expected_payment_amount\":200},\
             {\"expected_payment_frequency\":\"fixed_interval\",\
             \"expected_payment_frequency_interval_days\":45}],\
             \"max_funding_amount\":500000,\"term\":{\"value\":12,\"unit\":\"months\"},\
             \"expected_finance_charge_amount\":0},\
             \"metadata\":{},\"type\":\"credit\"}"
                    .as_bytes()
            )
        );
    }
}
