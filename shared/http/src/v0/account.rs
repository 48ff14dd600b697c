//! Decodes what is asked of accounts, and encodes accounts.

use std::collections::BTreeMap;

use serde::Serialize;
use subledger::account::{Account, ClosedReason, InactiveReason, Lifecycle, LifecycleChange};
use subledger::account_profile::{
    AccountEntities, AccountHolderType, AccountProfile, AdverseActionNotice, ApplicationId,
    ApprovedCredit, Capabilities, CapabilitiesError, Capability, CreditBureau, CreditReport,
    CreditScore, CurrencyCode, DOCUMENTS_MAX, DeliveryMethod, Document, DocumentDescription,
    DocumentError, DocumentId, DocumentType, ENTITIES_MAX, EntityId, Protection,
};
use subledger::bounded_list::BoundedList;
use subledger::create_account::NewProfiledAccount;
use subledger::idempotency::Fingerprint;
use subledger::ids::Scope;
use subledger::metadata::Metadata;
use subledger::text::Name;

use super::fields::{Node, Object, read_body, text_reason};
use super::ids::spell_account_id;
use super::problem::Problem;
use super::profile::ProfileBody;
use super::{idempotency_key, metadata, seconds};

/// Decodes `POST /v0/accounts`: the header first, then the body as JSON, then everything that is
/// wrong with the body at once.
///
/// # Errors
/// Those of [`idempotency_key`]; [`Problem::PayloadInvalid`]; [`Problem::ParametersInvalid`].
pub fn decode_create_account(
    scope: Scope,
    idempotency_key_header: Option<&str>,
    body: &[u8],
) -> Result<NewProfiledAccount, Problem> {
    let idempotency_key = idempotency_key(idempotency_key_header)?;
    let (profile, metadata) = read_body(body, account_to_open)?;
    Ok(NewProfiledAccount { scope, idempotency_key, profile, metadata })
}

/// Decodes `POST /v0/accounts/{id}/deactivate`.
///
/// # Errors
/// [`Problem::PayloadInvalid`], [`Problem::ParametersInvalid`].
pub fn decode_deactivate(body: &[u8]) -> Result<LifecycleChange, Problem> {
    use InactiveReason::{Dormant, Frozen, Other};
    let reasons = [Dormant, Frozen, Other];
    read_body(body, |body| status_reason(body, &reasons, inactive_name))
        .map(LifecycleChange::Deactivate)
}

/// Decodes `POST /v0/accounts/{id}/close`.
///
/// # Errors
/// [`Problem::PayloadInvalid`], [`Problem::ParametersInvalid`].
pub fn decode_close(body: &[u8]) -> Result<LifecycleChange, Problem> {
    use ClosedReason::{Canceled, ChargedOff, ClientClosed, EntityClosed, PaidOff};
    let reasons = [EntityClosed, ClientClosed, PaidOff, ChargedOff, Canceled];
    read_body(body, |body| status_reason(body, &reasons, closed_name)).map(LifecycleChange::Close)
}

fn status_reason<T: Copy>(
    body: &Object<'_>,
    reasons: &[T],
    name_of: fn(T) -> &'static str,
) -> Option<T> {
    let names: Vec<_> = reasons.iter().map(|reason| name_of(*reason)).collect();
    body.required("status_reason", |node| {
        node.named(&names, |name| {
            reasons.iter().find(|reason| name_of(**reason) == name).copied()
        })
    })
}

const fn inactive_name(reason: InactiveReason) -> &'static str {
    match reason {
        InactiveReason::Dormant => "dormant",
        InactiveReason::Frozen => "frozen",
        InactiveReason::Other => "other",
    }
}

const fn closed_name(reason: ClosedReason) -> &'static str {
    match reason {
        ClosedReason::EntityClosed => "entity_closed",
        ClosedReason::ClientClosed => "client_closed",
        ClosedReason::PaidOff => "paid_off",
        ClosedReason::ChargedOff => "charged_off",
        ClosedReason::Canceled => "canceled",
    }
}

fn account_to_open(body: &Object<'_>) -> Option<(AccountProfile, Metadata)> {
    let capabilities = body.required("capabilities", capabilities);
    let is_underwritten = capabilities
        .as_ref()
        .is_some_and(|given| given.contains(Capability::CreditWithUnderwriting));
    let entities = body.required("entities", |node| entities(&node.object()?));
    let details = body.required("details", |node| details(&node.object()?, is_underwritten));
    let documents = body.required("documents", |node| {
        BoundedList::new(node.items(DOCUMENTS_MAX, document)?).ok()
    });
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
    let mut profile = AccountProfile {
        capabilities: capabilities?,
        product_name,
        entities: entities?,
        application_id: application_id?,
        credit,
        adverse_action_notice,
        documents: documents?,
        fingerprint: Fingerprint::of(&[]),
    };
    profile.fingerprint = Fingerprint::of(canonical(&profile, &metadata).as_bytes());
    Some((profile, metadata))
}

fn capabilities(node: &Node<'_>) -> Option<Capabilities> {
    // None may stand twice, so a longer list is wrong whatever is in it.
    let items = node.items(Capability::NAMES.len(), |item| {
        item.named(Capability::NAMES, Capability::from_name)
    })?;
    Capabilities::new(items).map_or_else(
        |error| match error {
            CapabilitiesError::Empty => node.refuse("must not be empty"),
            CapabilitiesError::Repeated { .. } => node.refuse("must not name a capability twice"),
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
    // A business does not sign; somebody signs for it.
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
    BoundedList::new(ids).map_or_else(|_| node.refuse("must not be empty"), Some)
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
        let score = report.required("score", |node| {
            node.small_integer(CreditScore::new, "must be 300 to 850")
        });
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

/// A document as an object, or, where the client has no more to say, its id alone.
fn document(node: &Node<'_>) -> Option<Document> {
    if node.is_string() {
        return Some(Document { id: document_id(node)?, description: None });
    }
    let document = node.object()?;
    let id = document.required("document_id", document_id);
    let kind = document
        .required("type", |node| node.named(DocumentType::NAMES, DocumentType::from_name));
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

/// One text for every way to ask for the same thing: what the service knows of the request, in the
/// order of these structs. Fingerprints of it are stored, so the order and the names stay; what is
/// added later is left out where it is absent.
fn canonical(profile: &AccountProfile, metadata_given: &Metadata) -> String {
    #[derive(Serialize)]
    struct Canonical<'a> {
        #[serde(flatten)]
        profile: ProfileBody<'a>,
        metadata: BTreeMap<&'a str, &'a str>,
    }

    let canonical =
        Canonical { profile: ProfileBody::new(profile, None), metadata: metadata(metadata_given) };
    // A struct of texts and numbers cannot fail to be written.
    serde_json::to_string(&canonical).unwrap_or_default()
}

/// `Account`.
#[derive(Debug, Serialize)]
struct AccountBody<'a> {
    id: String,
    created_at: String,
    updated_at: String,
    status: &'static str,
    status_reason: &'static str,
    #[serde(flatten)]
    profile: ProfileBody<'a>,
    metadata: BTreeMap<&'a str, &'a str>,
}

/// The body that answers everything about one account. An account that was made through v1 has a
/// name and nothing else of what v0 agrees.
pub fn account(account: &Account) -> impl Serialize + '_ {
    let (status, status_reason, closed_at) = match account.lifecycle {
        Lifecycle::Active => ("active", "active", None),
        Lifecycle::Inactive(reason) => ("inactive", inactive_name(reason), None),
        Lifecycle::Closed { reason, at } => ("closed", closed_name(reason), Some(seconds(at))),
    };
    let profile = match account.profile.as_deref() {
        Some(profile) => ProfileBody::new(profile, closed_at),
        None => ProfileBody::of_name(account.name.as_str(), closed_at),
    };
    AccountBody {
        id: spell_account_id(account.id),
        created_at: seconds(account.created_at),
        updated_at: seconds(account.updated_at),
        status,
        status_reason,
        profile,
        metadata: metadata(&account.metadata),
    }
}
