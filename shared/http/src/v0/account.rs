//! Decodes requests about accounts, and encodes accounts.

use serde::Serialize;
use subledger::account::Account;
use subledger::account::lifecycle::{ClosedReason, InactiveReason, Lifecycle, LifecycleChange};
use subledger::account::open::NewV0Account;
use subledger::account::profile::{
    AccountEntities, AccountHolderType, AccountProfile, AdverseActionNotice, Agreement,
    ApplicationId, ApprovedCredit, Capabilities, CapabilitiesError, Capability, CreditBureau,
    CreditReport, CreditScore, CurrencyCode, DOCUMENTS_MAX, DeliveryMethod, Document,
    DocumentDescription, DocumentError, DocumentId, DocumentType, ENTITIES_MAX, EntityId,
    Protection,
};
use subledger::idempotency::Fingerprint;
use subledger::metadata::Metadata;
use subledger::money::bounded_list::BoundedList;
use subledger::money::ids::Scope;
use subledger::money::text::Name;

use crate::reply::json;

use super::error::ApiError;
use super::fields::{Node, Object, read_body, text_reason};
use super::ids::spell_account_id;
use super::profile::ProfileBody;
use super::{ACCOUNT_KEY_CHARACTERS_MIN, idempotency_key, seconds};

/// Decodes `POST /v0/accounts`: the header first, then the body as JSON, then everything that is
/// wrong with the body at once.
///
/// # Errors
/// Those of [`idempotency_key`]; [`ApiError::PayloadInvalid`]; [`ApiError::ParametersInvalid`].
pub fn decode_create_account(
    scope: Scope,
    idempotency_key_header: Option<&str>,
    body: &[u8],
) -> Result<NewV0Account, ApiError> {
    let idempotency_key = idempotency_key(idempotency_key_header, ACCOUNT_KEY_CHARACTERS_MIN)?;
    let (profile, metadata) = read_body(body, account_to_open)?;
    Ok(NewV0Account { scope, idempotency_key, profile, metadata })
}

/// Decodes `POST /v0/accounts/{id}/deactivate`.
///
/// # Errors
/// [`ApiError::PayloadInvalid`], [`ApiError::ParametersInvalid`].
pub fn decode_deactivate(body: &[u8]) -> Result<LifecycleChange, ApiError> {
    let reason = |node: &Node<'_>| node.named(InactiveReason::NAMES, InactiveReason::from_name);
    read_body(body, |body| body.required("status_reason", reason)).map(LifecycleChange::Deactivate)
}

/// Decodes `POST /v0/accounts/{id}/close`.
///
/// # Errors
/// [`ApiError::PayloadInvalid`], [`ApiError::ParametersInvalid`].
pub fn decode_close(body: &[u8]) -> Result<LifecycleChange, ApiError> {
    let reason = |node: &Node<'_>| node.named(ClosedReason::NAMES, ClosedReason::from_name);
    read_body(body, |body| body.required("status_reason", reason)).map(LifecycleChange::Close)
}

fn account_to_open(body: &Object<'_>) -> Option<(AccountProfile, Metadata)> {
    let capabilities = body.required("capabilities", capabilities);
    let is_underwritten = capabilities
        .as_ref()
        .is_some_and(|given| given.contains(Capability::CreditWithUnderwriting));
    let entities = body.required("entities", |node| entities(&node.object()?));
    let details = body.required("details", |node| details(&node.object()?, is_underwritten));
    let documents =
        body.required("documents", |node| BoundedList::new(node.items(DOCUMENTS_MAX, document)?));
    let application_id = body.optional("application_id", |node| {
        node.parsed(ApplicationId::parse, "must be application_ and letters, digits or underscores")
    });
    let application_id = match application_id {
        Some(None) if is_underwritten => body.refuse("application_id", "missing"),
        given => given,
    };
    let metadata = body.optional("metadata", Node::metadata);
    let Details { product_name, credit, adverse_action_notice } = details?;
    let metadata = metadata?.unwrap_or_default();
    let agreement = Agreement {
        capabilities: capabilities?,
        product_name,
        entities: entities?,
        application_id: application_id?,
        credit,
        adverse_action_notice,
        documents: documents?,
    };
    let fingerprint = fingerprint(&agreement, &metadata);
    Some((AccountProfile { agreement, fingerprint }, metadata))
}

fn capabilities(node: &Node<'_>) -> Option<Capabilities> {
    // None may occur twice, so a longer list is always wrong.
    let items = node.items(Capability::NAMES.len(), |item| {
        item.named(Capability::NAMES, Capability::from_name)
    })?;
    Capabilities::new(items).map_or_else(
        |error| match error {
            CapabilitiesError::Empty => node.refuse("must not be empty"),
            CapabilitiesError::Repeated { index } => {
                node.refuse_item(index, "must not be named twice")
            }
        },
        Some,
    )
}

fn entities(entities: &Object<'_>) -> Option<AccountEntities> {
    let holder_type = entities.optional("account_holder_type", |node| {
        node.named(AccountHolderType::NAMES, AccountHolderType::from_name)
    });
    let account_holders = entities.required("account_holders", entity_ids);
    let authorized_signers = entities.optional("authorized_signers", entity_ids);
    let authorized_signers = authorized_signers.map(Option::unwrap_or_default);
    let nobody_signs = authorized_signers.as_ref().is_some_and(|list| list.as_slice().is_empty());
    // A business needs people who sign for it.
    let authorized_signers =
        if nobody_signs && holder_type == Some(Some(AccountHolderType::Commercial)) {
            entities.refuse("authorized_signers", "missing_for_commercial")
        } else {
            authorized_signers
        };
    let authorized_users = entities.optional("authorized_users", entity_ids);
    Some(AccountEntities {
        holder_type: holder_type?,
        account_holders: account_holders?,
        authorized_signers: authorized_signers?,
        authorized_users: authorized_users?.unwrap_or_default(),
    })
}

fn entity_ids<const MIN: usize>(
    node: &Node<'_>,
) -> Option<BoundedList<EntityId, MIN, ENTITIES_MAX>> {
    let reason = "must be entity_ and 1 to 33 characters without white space";
    let ids = node.items(ENTITIES_MAX, |item| item.parsed(EntityId::parse, reason))?;
    BoundedList::new(ids).or_else(|| node.refuse("must not be empty"))
}

/// What `details` says.
struct Details {
    product_name: Name,
    credit: Option<ApprovedCredit>,
    adverse_action_notice: Option<AdverseActionNotice>,
}

fn details(details: &Object<'_>, is_underwritten: bool) -> Option<Details> {
    let product_name = details.required("product_name", Node::text);
    let credit = details.optional("credit", |node| approved_credit(&node.object()?));
    let credit = match credit {
        Some(None) if is_underwritten => details.refuse("credit", "missing"),
        given => given,
    };
    let adverse_action_notice =
        details.optional("adverse_action_notice", |node| notice(&node.object()?));
    Some(Details {
        product_name: product_name?,
        credit: credit?,
        adverse_action_notice: adverse_action_notice?,
    })
}

fn approved_credit(credit: &Object<'_>) -> Option<ApprovedCredit> {
    let is_secured = credit.required("is_secured", Node::boolean);
    let is_mla = credit.required("is_mla", Node::boolean);
    let underwriting_grade = credit.required("underwriting_grade", Node::text);
    let currency = credit.required("currency", |node| {
        node.parsed(CurrencyCode::parse, "must be three capital letters")
    });
    let available_credit = credit.required("available_credit", Node::integer);
    let limit = credit.required("limit", Node::integer);
    let max_limit = credit.required("max_limit", Node::integer);
    let scra = credit.optional("scra", |node| {
        let scra = node.object()?;
        let start_date = scra.required("start_date", Node::date);
        let end_date = scra.optional("end_date", Node::date);
        Some(Protection { start_date: start_date?, end_date: end_date? })
    });
    let report = credit.optional("report", |node| {
        let report = node.object()?;
        let score = report
            .required("score", |node| node.small_integer(CreditScore::new, "must be 300 to 850"));
        let pulled_at = report.required("pulled_at", Node::moment);
        let source = report
            .required("source", |node| node.named(CreditBureau::NAMES, CreditBureau::from_name));
        Some(CreditReport { score: score?, pulled_at: pulled_at?, source: source? })
    });
    Some(ApprovedCredit {
        is_secured: is_secured?,
        is_mla: is_mla?,
        underwriting_grade: underwriting_grade?,
        currency: currency?,
        available_credit: available_credit?,
        limit: limit?,
        max_limit: max_limit?,
        scra: scra?,
        report: report?,
    })
}

fn notice(notice: &Object<'_>) -> Option<AdverseActionNotice> {
    let delivered_at = notice.required("delivered_at", Node::moment);
    let reason = notice.required("reason", Node::text);
    let delivery_method = notice.required("delivery_method", |node| {
        node.named(DeliveryMethod::NAMES, DeliveryMethod::from_name)
    });
    Some(AdverseActionNotice {
        delivered_at: delivered_at?,
        reason: reason?,
        delivery_method: delivery_method?,
    })
}

/// A document as an object, or its id alone.
fn document(node: &Node<'_>) -> Option<Document> {
    if node.is_string() {
        return Some(Document { id: document_id(node)?, description: None });
    }
    let document = node.object()?;
    let id = document.required("document_id", document_id);
    let kind =
        document.required("type", |node| node.named(DocumentType::NAMES, DocumentType::from_name));
    let displayed_at = document.optional("displayed_at", Node::moment);
    let consented_at = document.optional("consented_at", Node::moment);
    let version = document.optional("version", Node::text);
    let described = DocumentDescription::new(kind?, displayed_at?, consented_at?, version?);
    let description = match described {
        Ok(description) => Some(description),
        Err(DocumentError::DisplayedAtMissing) => document.refuse("displayed_at", "missing"),
        Err(DocumentError::ConsentedAtMissing) => document.refuse("consented_at", "missing"),
    };
    Some(Document { id: id?, description: Some(description?) })
}

fn document_id(node: &Node<'_>) -> Option<DocumentId> {
    DocumentId::parse(&node.string()?).map_or_else(|error| node.refuse(text_reason(error)), Some)
}

/// The fingerprint of a request: of what the service has read of it, written as JSON in the order of
/// the structs of `profile`. Fingerprints are stored, so the order and the names of the members stay
/// as they are; a member that is added later is left out if it is absent.
fn fingerprint(agreement: &Agreement, metadata: &Metadata) -> Fingerprint {
    Fingerprint::of(json(&ProfileBody::new(agreement, metadata, None)).as_bytes())
}

/// The schema `Account` of the OpenAPI document.
#[derive(Debug, Serialize)]
struct AccountBody<'a> {
    id: String,
    created_at: String,
    updated_at: String,
    status: &'static str,
    status_reason: &'static str,
    #[serde(flatten)]
    profile: ProfileBody<'a>,
}

/// The body of every answer about one account. An account that was opened through v1 has only
/// the name and the metadata.
pub fn account(account: &Account) -> impl Serialize + '_ {
    let (status, status_reason, closed_at) = match account.lifecycle {
        Lifecycle::Active => ("active", "active", None),
        Lifecycle::Inactive(reason) => ("inactive", reason.name(), None),
        Lifecycle::Closed { reason, at } => ("closed", reason.name(), Some(seconds(at))),
    };
    let profile = match account.profile.as_deref() {
        Some(profile) => ProfileBody::new(&profile.agreement, &account.metadata, closed_at),
        None => ProfileBody::of_name(account.name.as_str(), &account.metadata, closed_at),
    };
    AccountBody {
        id: spell_account_id(account.id),
        created_at: seconds(account.created_at),
        updated_at: seconds(account.updated_at),
        status,
        status_reason,
        profile,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use subledger::account::AccountFields;

    use serde_json::{Value, json};
    use subledger::account::{AccountType, Alias};
    use subledger::ledger::ListingShards;
    use subledger::ledger::asset::AssetCode;
    use subledger::metadata::MetadataValue;
    use subledger::money::ids::{AccountId, LedgerId, OrganizationId};
    use subledger::money::text::Text;
    use subledger::money::timestamp::Timestamp;
    use subledger::status::Status;
    use uuid::Uuid;

    const MISSING: &str = "missing";
    const NULL: &str = "must not be null";
    const ENTITY: &str = "must be entity_ and 1 to 33 characters without white space";
    const NO_MOMENT: &str = "must be a moment such as 2026-07-17T18:42:53Z";

    fn scope() -> Scope {
        Scope {
            organization: OrganizationId::new(Uuid::from_u128(1)),
            ledger: LedgerId::new(Uuid::from_u128(2)),
        }
    }

    fn decode(body: &str) -> Result<NewV0Account, ApiError> {
        decode_create_account(scope(), Some("key-1"), body.as_bytes())
    }

    fn deposit() -> Value {
        json!({
            "capabilities": ["deposit"],
            "entities": {"account_holders": ["entity_consumer_123"]},
            "details": {"product_name": "Everyday Checking"},
            "documents": []
        })
    }

    fn credit() -> Value {
        json!({
            "application_id": "application_xyz123",
            "capabilities": ["credit_with_underwriting", "deposit"],
            "entities": {
                "account_holder_type": "commercial",
                "account_holders": ["entity_biz_456"],
                "authorized_signers": ["entity_signer_789"],
                "authorized_users": ["entity_user_1", "entity_user_2"]
            },
            "details": {
                "product_name": "Business Credit Line",
                "credit": {
                    "is_secured": false,
                    "is_mla": true,
                    "underwriting_grade": "A",
                    "currency": "USD",
                    "available_credit": 5_000_000,
                    "limit": 6_000_000,
                    "max_limit": 10_000_000,
                    "scra": {"start_date": "2025-01-01", "end_date": "2025-12-31"},
                    "report": {
                        "score": 780,
                        "pulled_at": "2025-11-15T09:30:00Z",
                        "source": "experian"
                    }
                },
                "adverse_action_notice": {
                    "delivered_at": "2025-11-16T10:17:00+01:00",
                    "reason": "Limit lower than asked for",
                    "delivery_method": "email"
                }
            },
            "metadata": {"external_id": "BIZ-2024-001"},
            "documents": [
                "doc_1",
                {
                    "document_id": "doc_terms_001",
                    "type": "loan_agreement",
                    "displayed_at": "2025-11-15T09:00:00Z",
                    "version": "v1"
                },
                {
                    "document_id": "doc_consent_001",
                    "type": "credit_pull_consent",
                    "consented_at": "2025-11-15T09:00:00.5Z"
                }
            ]
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
    fn check_error(error: &ApiError, expected: &[(&str, &str)]) {
        let listed = error.invalid_parameters();
        let listed: Vec<_> = listed.iter().map(|one| (one.parameter(), one.reason())).collect();
        assert_eq!(listed, expected);
        assert_eq!((error.status(), error.code()), (422, "parameters_invalid"));
    }

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        check_error(&decode(body).unwrap_err(), expected);
    }

    /// One field of the credit body, by its JSON pointer, is not acceptable.
    #[track_caller]
    fn check_field(pointer: &str, value: Option<Value>, reason: &str) {
        let path = pointer.trim_start_matches('/').replace('/', ".");
        let path = path.replace(".1.", "[1].").replace(".2.", "[2].");
        check(&with(credit(), pointer, value), &[(&path, reason)]);
    }

    #[track_caller]
    fn check_fits(pointer: &str, value: Option<Value>) {
        decode(&with(credit(), pointer, value)).unwrap();
    }

    #[test]
    fn the_header_comes_before_the_body_and_json_before_its_meaning() {
        let code = |key, body: &[u8]| decode_create_account(scope(), key, body).unwrap_err().code();
        assert_eq!(code(None, b"{"), "idempotency_error");
        assert_eq!(code(Some(""), b"{"), "parameters_invalid");
        assert_eq!(code(Some("1"), b"{"), "payload_invalid");
        assert_eq!(code(Some("1"), b"{}"), "parameters_invalid");
    }

    #[test]
    fn everything_that_is_missing_is_listed_in_the_order_of_the_document() {
        check(
            "{}",
            &[
                ("capabilities", MISSING),
                ("entities", MISSING),
                ("details", MISSING),
                ("documents", MISSING),
            ],
        );
        check(
            r#"{"capabilities": ["credit_with_underwriting"], "entities": {}, "details": {},
                "documents": [{}], "metadata": {"n": 1}}"#,
            &[
                ("entities.account_holders", MISSING),
                ("details.product_name", MISSING),
                ("details.credit", MISSING),
                ("documents[0].document_id", MISSING),
                ("documents[0].type", MISSING),
                ("application_id", MISSING),
                ("metadata.n", "must be a string"),
            ],
        );
        check(
            &with(credit(), "/details/credit", Some(json!({"scra": {}, "report": {}}))),
            &[
                ("details.credit.is_secured", MISSING),
                ("details.credit.is_mla", MISSING),
                ("details.credit.underwriting_grade", MISSING),
                ("details.credit.currency", MISSING),
                ("details.credit.available_credit", MISSING),
                ("details.credit.limit", MISSING),
                ("details.credit.max_limit", MISSING),
                ("details.credit.scra.start_date", MISSING),
                ("details.credit.report.score", MISSING),
                ("details.credit.report.pulled_at", MISSING),
                ("details.credit.report.source", MISSING),
            ],
        );
    }

    #[test]
    fn capabilities_are_at_least_one_and_none_twice() {
        let unknown =
            "must be one of deposit, credit_with_underwriting, credit_without_underwriting";
        let capabilities = "/capabilities";
        check_fits(capabilities, Some(json!(["credit_without_underwriting", "deposit"])));
        check_field(capabilities, Some(json!([])), "must not be empty");
        let repeated = with(deposit(), capabilities, Some(json!(["deposit", "deposit"])));
        check(&repeated, &[("capabilities[1]", "must not be named twice")]);
        let repeated = json!(["credit_with_underwriting", "deposit", "credit_with_underwriting"]);
        let repeated = with(credit(), capabilities, Some(repeated));
        check(&repeated, &[("capabilities[2]", "must not be named twice")]);
        let four = json!(["deposit", "deposit", "deposit", "deposit"]);
        check_field(capabilities, Some(four), "must have at most 3 items");
        check_field(capabilities, Some(json!("deposit")), "must be an array");
        check_field(capabilities, Some(Value::Null), NULL);
        let body = with(deposit(), capabilities, Some(json!(["loan", 1])));
        check(&body, &[("capabilities[0]", unknown), ("capabilities[1]", "must be a string")]);
    }

    #[test]
    fn an_account_has_1_to_20_holders_and_up_to_20_signers_and_users() {
        let many = |count: usize| Some(json!(vec!["entity_1"; count]));
        for (name, least) in
            [("account_holders", 1), ("authorized_signers", 0), ("authorized_users", 0)]
        {
            let pointer = format!("/entities/{name}");
            let path = format!("entities.{name}");
            let body = |value| with(deposit(), &pointer, value);
            decode(&body(many(least))).unwrap();
            decode(&body(many(20))).unwrap();
            check(&body(many(21)), &[(&path, "must have at most 20 items")]);
            check(&body(Some(Value::Null)), &[(&path, NULL)]);
            for text in ["entity_", "entity_a b", "person_1", &format!("entity_{}", "1".repeat(34))]
            {
                check(&body(Some(json!([text]))), &[(&format!("{path}[0]"), ENTITY)]);
            }
        }
        check_field("/entities/account_holders", many(0), "must not be empty");
        check_field("/entities", Some(json!([])), "must be an object");
    }

    #[test]
    fn somebody_signs_for_a_business() {
        let signers = "/entities/authorized_signers";
        check_field(signers, None, "missing_for_commercial");
        check_field(signers, Some(json!([])), "missing_for_commercial");
        let kind = "/entities/account_holder_type";
        check_field(kind, Some(json!("other")), "must be one of consumer, commercial");
        decode(&with(deposit(), kind, Some(json!("consumer")))).unwrap();
    }

    #[test]
    fn underwritten_credit_has_an_application_and_its_terms() {
        check_field("/application_id", None, MISSING);
        check_field("/details/credit", None, MISSING);
        let form = "must be application_ and letters, digits or underscores";
        check_field("/application_id", Some(json!("application_")), form);
        check_field("/application_id", Some(json!("x")), form);
        check_field("/application_id", Some(Value::Null), NULL);
        let other = with(deposit(), "/capabilities", Some(json!(["credit_without_underwriting"])));
        decode(&other).unwrap();
    }

    #[test]
    fn details_have_a_name_and_typed_terms() {
        check_fits("/details/product_name", Some(json!("ü".repeat(256))));
        let long = Some(json!("ü".repeat(257)));
        check_field("/details/product_name", long, "must have at most 256 characters");
        check_field("/details/credit/is_secured", Some(json!("false")), "must be true or false");
        check_field("/details/credit/is_mla", Some(Value::Null), NULL);
        let grade = Some(json!("A".repeat(65)));
        check_field("/details/credit/underwriting_grade", grade, "must have at most 64 characters");
        check_field(
            "/details/credit/currency",
            Some(json!("usd")),
            "must be three capital letters",
        );
        for name in ["available_credit", "limit", "max_limit"] {
            check_field(&format!("/details/credit/{name}"), Some(json!("1")), "must be an integer");
        }
        let no_date = "must be a date such as 2026-07-17";
        check_field("/details/credit/scra/start_date", Some(json!("now")), no_date);
        check_field("/details/credit/scra/end_date", Some(json!("2025-02-30")), no_date);
        check_fits("/details/credit/scra/end_date", None);
        check_fits("/details/credit/scra", None);
        check_fits("/details/credit/report", None);
        check_field("/details/credit/report/score", Some(json!(299)), "must be 300 to 850");
        check_field("/details/credit/report/score", Some(json!(851)), "must be 300 to 850");
        check_field("/details/credit/report/pulled_at", Some(json!("2025-11-15")), NO_MOMENT);
        let bureaus = "must be one of equifax, experian, transunion";
        check_field("/details/credit/report/source", Some(json!("other")), bureaus);
        let notice = "/details/adverse_action_notice";
        check_fits(notice, None);
        check_field(&format!("{notice}/delivered_at"), Some(json!("")), NO_MOMENT);
        check_field(&format!("{notice}/reason"), None, MISSING);
        let ways = "must be one of email, text, other";
        check_field(&format!("{notice}/delivery_method"), Some(json!("fax")), ways);
    }

    #[test]
    fn a_document_is_an_id_or_an_object_with_its_moment() {
        let documents = |value| with(deposit(), "/documents", Some(value));
        let id = |text: String| documents(json!([text]));
        decode(&id("x".repeat(255))).unwrap();
        check(&id("x".repeat(256)), &[("documents[0]", "must have at most 255 characters")]);
        check(&id(String::new()), &[("documents[0]", "must not be empty")]);
        check(&documents(json!([7])), &[("documents[0]", "must be an object")]);
        decode(&documents(json!(vec!["d"; 100]))).unwrap();
        let many = documents(json!(vec!["d"; 101]));
        check(&many, &[("documents", "must have at most 100 items")]);
        let one = |kind: &str, moment: &str| {
            documents(json!([{"document_id": "d", "type": kind, moment: "2025-11-15T09:00:00Z"}]))
        };
        decode(&one("aan", "displayed_at")).unwrap();
        check(&one("aan", "consented_at"), &[("documents[0].displayed_at", MISSING)]);
        decode(&one("esign_agreement", "consented_at")).unwrap();
        check(&one("esign_agreement", "displayed_at"), &[("documents[0].consented_at", MISSING)]);
        let unknown = decode(&one("letter", "displayed_at")).unwrap_err();
        assert_eq!(unknown.invalid_parameters()[0].parameter(), "documents[0].type");
    }

    #[test]
    fn a_change_of_status_has_a_reason() {
        let reason = |name: &str| format!("{{\"status_reason\":\"{name}\",\"more\":1}}");
        for (name, reason_of) in [
            ("dormant", InactiveReason::Dormant),
            ("frozen", InactiveReason::Frozen),
            ("other", InactiveReason::Other),
        ] {
            let change = decode_deactivate(reason(name).as_bytes()).unwrap();
            assert_eq!(change, LifecycleChange::Deactivate(reason_of));
        }
        for (name, reason_of) in [
            ("entity_closed", ClosedReason::EntityClosed),
            ("client_closed", ClosedReason::ClientClosed),
            ("paid_off", ClosedReason::PaidOff),
            ("charged_off", ClosedReason::ChargedOff),
            ("canceled", ClosedReason::Canceled),
        ] {
            let change = decode_close(reason(name).as_bytes()).unwrap();
            assert_eq!(change, LifecycleChange::Close(reason_of));
        }
        let inactive = "must be one of dormant, frozen, other";
        let closed = "must be one of entity_closed, client_closed, paid_off, charged_off, canceled";
        for (body, why_inactive, why_closed) in [
            ("{}", MISSING, MISSING),
            ("{\"status_reason\":null}", NULL, NULL),
            ("{\"status_reason\":\"active\"}", inactive, closed),
        ] {
            let error = decode_deactivate(body.as_bytes()).unwrap_err();
            check_error(&error, &[("status_reason", why_inactive)]);
            let error = decode_close(body.as_bytes()).unwrap_err();
            check_error(&error, &[("status_reason", why_closed)]);
        }
        assert_eq!(decode_deactivate(b"").unwrap_err().status(), 400);
        assert_eq!(decode_close(b"{").unwrap_err().status(), 400);
    }

    #[test]
    fn spelling_does_not_make_another_request_and_every_known_field_does() {
        let fingerprint = |body: &str| decode(body).unwrap().profile.fingerprint;
        let asked = fingerprint(&credit().to_string());
        assert_eq!(fingerprint(&with(credit(), "/unknown", Some(json!(1)))), asked);
        let delivered = "/details/adverse_action_notice/delivered_at";
        let same_moment = Some(json!("2025-11-16T09:17:00.000Z"));
        assert_eq!(fingerprint(&with(credit(), delivered, same_moment)), asked);
        for (pointer, value) in [
            ("/application_id", Some(json!("application_2"))),
            ("/capabilities", Some(json!(["credit_with_underwriting"]))),
            ("/entities/account_holders", Some(json!(["entity_2"]))),
            ("/entities/authorized_users", None),
            ("/details/product_name", Some(json!("x"))),
            ("/details/credit/limit", Some(json!(1))),
            ("/details/credit/scra/end_date", None),
            ("/details/adverse_action_notice", None),
            ("/documents", Some(json!(["doc_1"]))),
            ("/metadata", None),
        ] {
            assert_ne!(fingerprint(&with(credit(), pointer, value)), asked, "{pointer}");
        }
    }

    #[test]
    fn the_canonical_form_never_changes() {
        let NewV0Account { profile, .. } = decode(&deposit().to_string()).unwrap();
        assert_eq!(
            profile.fingerprint,
            Fingerprint::of(
                "{\"capabilities\":[\"deposit\"],\
             \"entities\":{\"account_holders\":[\"entity_consumer_123\"],\
             \"authorized_signers\":[],\"authorized_users\":[]},\
             \"details\":{\"product_name\":\"Everyday Checking\"},\
             \"metadata\":{},\"documents\":[]}"
                    .as_bytes()
            )
        );
    }

    /// An account that `body` opened, or one that was made through v1.
    fn opened(body: Option<Value>, lifecycle: Lifecycle) -> Account {
        let new = body.map(|body| decode(&body.to_string()).unwrap());
        let created_at = Timestamp::from_micros(1_756_810_896_999_999).unwrap();
        let number = MetadataValue::Number(Text::parse("1.50").unwrap());
        let v1 = BTreeMap::from([
            ("n".to_owned(), number),
            ("b".to_owned(), MetadataValue::Boolean(true)),
            ("z".to_owned(), MetadataValue::Null),
        ]);
        let id = AccountId::new(Uuid::from_u128(62));
        Account::new(AccountFields {
            id,
            scope: scope(),
            name: Text::parse("Savings").unwrap(),
            parent: None,
            entity_id: None,
            asset_code: AssetCode::usd(),
            portfolio_id: None,
            segment_id: None,
            status: Status::active(),
            alias: Alias::of_account(id),
            kind: AccountType::parse("credit").unwrap(),
            blocked: false,
            lifecycle,
            metadata: match &new {
                Some(new) => new.metadata.clone(),
                None => Metadata::new(v1).unwrap(),
            },
            profile: new.map(|new| Box::new(new.profile)),
            listing_shards: ListingShards::ONE,
            being_deleted: false,
            deleted_at: None,
            revision: 0,
            created_at,
            updated_at: created_at.successor(),
        })
        .unwrap()
    }

    #[track_caller]
    fn check_shown(shown: &Account, expected: Value) {
        let body = serde_json::to_string(&account(shown)).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    }

    #[test]
    fn an_account_is_shown_with_all_that_was_said() {
        let mut expected = credit();
        expected["id"] = json!("account_0000000000000000000010");
        expected["created_at"] = json!("2025-09-02T11:01:36Z");
        expected["updated_at"] = json!("2025-09-02T11:01:37Z");
        expected["status"] = json!("active");
        expected["status_reason"] = json!("active");
        expected["details"]["adverse_action_notice"]["delivered_at"] =
            json!("2025-11-16T09:17:00Z");
        check_shown(&opened(Some(credit()), Lifecycle::Active), expected);
    }

    #[test]
    fn the_fields_of_an_account_have_one_order() {
        let reason = ClosedReason::PaidOff;
        let closed = Lifecycle::Closed { reason, at: Timestamp::from_micros(0).unwrap() };
        assert_eq!(
            serde_json::to_string(&account(&opened(Some(deposit()), closed))).unwrap(),
            "{\"id\":\"account_0000000000000000000010\",\
             \"created_at\":\"2025-09-02T11:01:36Z\",\"updated_at\":\"2025-09-02T11:01:37Z\",\
             \"status\":\"closed\",\"status_reason\":\"paid_off\",\
             \"capabilities\":[\"deposit\"],\
             \"entities\":{\"account_holders\":[\"entity_consumer_123\"],\
             \"authorized_signers\":[],\"authorized_users\":[]},\
             \"details\":{\"product_name\":\"Everyday Checking\",\
             \"closed_at\":\"1970-01-01T00:00:00Z\"},\
             \"metadata\":{},\"documents\":[]}"
        );
    }

    #[test]
    fn an_account_of_v1_has_a_name_and_nothing_that_v0_agrees() {
        check_shown(
            &opened(None, Lifecycle::Inactive(InactiveReason::Frozen)),
            json!({
                "id": "account_0000000000000000000010",
                "created_at": "2025-09-02T11:01:36Z",
                "updated_at": "2025-09-02T11:01:37Z",
                "status": "inactive",
                "status_reason": "frozen",
                "details": {"product_name": "Savings"},
                "documents": [],
                "metadata": {"b": "true", "n": "1.50"}
            }),
        );
    }
}
