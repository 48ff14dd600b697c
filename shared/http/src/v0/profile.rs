//! What is agreed about an account on the wire, in a request's canonical form and in an answer.

use std::collections::BTreeMap;

use serde::Serialize;
use subledger::account::profile::{
    AccountEntities, AdverseActionNotice, Agreement, ApprovedCredit, Document, EntityId,
};
use subledger::metadata::Metadata;

use super::metadata;

/// The part of an account that was agreed when it was opened.
///
/// The order of the fields is part of the fingerprints that are stored; see
/// [`account`](mod@super::account).
#[derive(Debug, Serialize)]
pub(super) struct ProfileBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    application_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<Entities<'a>>,
    details: Details<'a>,
    metadata: BTreeMap<&'a str, &'a str>,
    documents: Vec<DocumentBody<'a>>,
}

#[derive(Debug, Serialize)]
struct Entities<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_holder_type: Option<&'static str>,
    account_holders: Vec<&'a str>,
    authorized_signers: Vec<&'a str>,
    authorized_users: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct Details<'a> {
    product_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<Credit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adverse_action_notice: Option<Notice<'a>>,
}

#[derive(Debug, Serialize)]
struct Credit<'a> {
    is_secured: bool,
    is_mla: bool,
    underwriting_grade: &'a str,
    currency: &'a str,
    available_credit: i64,
    limit: i64,
    max_limit: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scra: Option<Scra>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
}

#[derive(Debug, Serialize)]
struct Scra {
    start_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    score: u16,
    pulled_at: String,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct Notice<'a> {
    delivered_at: String,
    reason: &'a str,
    delivery_method: &'static str,
}

/// A document as the client named it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum DocumentBody<'a> {
    Id(&'a str),
    Described {
        document_id: &'a str,
        r#type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        displayed_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        consented_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        version: Option<&'a str>,
    },
}

impl<'a> ProfileBody<'a> {
    /// What an account opened through v0 has. `closed_at` is `None` unless the account is closed.
    pub(super) fn new(
        agreement: &'a Agreement,
        metadata_given: &'a Metadata,
        closed_at: Option<String>,
    ) -> Self {
        let capabilities = agreement.capabilities.as_slice().iter();
        Self {
            application_id: agreement.application_id.as_ref().map(|id| id.as_str()),
            capabilities: Some(capabilities.map(|capability| capability.name()).collect()),
            entities: Some(Entities::from(&agreement.entities)),
            details: Details {
                product_name: agreement.product_name.as_str(),
                closed_at,
                credit: agreement.credit.as_ref().map(Into::into),
                adverse_action_notice: agreement.adverse_action_notice.as_ref().map(Into::into),
            },
            metadata: metadata(metadata_given),
            documents: agreement.documents.as_slice().iter().map(Into::into).collect(),
        }
    }

    /// What an account opened through v1 has: a name, and nothing that was agreed.
    pub(super) fn of_name(
        product_name: &'a str,
        metadata_given: &'a Metadata,
        closed_at: Option<String>,
    ) -> Self {
        Self {
            application_id: None,
            capabilities: None,
            entities: None,
            details: Details { product_name, closed_at, credit: None, adverse_action_notice: None },
            metadata: metadata(metadata_given),
            documents: Vec::new(),
        }
    }
}

impl<'a> From<&'a AccountEntities> for Entities<'a> {
    fn from(entities: &'a AccountEntities) -> Self {
        let texts = |ids: &'a [EntityId]| ids.iter().map(EntityId::as_str).collect();
        Self {
            account_holder_type: entities.holder_type.map(|kind| kind.name()),
            account_holders: texts(entities.account_holders.as_slice()),
            authorized_signers: texts(entities.authorized_signers.as_slice()),
            authorized_users: texts(entities.authorized_users.as_slice()),
        }
    }
}

impl<'a> From<&'a ApprovedCredit> for Credit<'a> {
    fn from(credit: &'a ApprovedCredit) -> Self {
        Self {
            is_secured: credit.is_secured,
            is_mla: credit.is_mla,
            underwriting_grade: credit.underwriting_grade.as_str(),
            currency: credit.currency.as_str(),
            available_credit: credit.available_credit,
            limit: credit.limit,
            max_limit: credit.max_limit,
            scra: credit.scra.map(|scra| Scra {
                start_date: scra.start_date.to_string(),
                end_date: scra.end_date.map(|date| date.to_string()),
            }),
            report: credit.report.map(|report| Report {
                score: report.score.get(),
                pulled_at: report.pulled_at.to_string(),
                source: report.source.name(),
            }),
        }
    }
}

impl<'a> From<&'a AdverseActionNotice> for Notice<'a> {
    fn from(notice: &'a AdverseActionNotice) -> Self {
        Self {
            delivered_at: notice.delivered_at.to_string(),
            reason: notice.reason.as_str(),
            delivery_method: notice.delivery_method.name(),
        }
    }
}

impl<'a> From<&'a Document> for DocumentBody<'a> {
    fn from(document: &'a Document) -> Self {
        let document_id = document.id.as_str();
        match &document.description {
            None => Self::Id(document_id),
            Some(description) => Self::Described {
                document_id,
                r#type: description.kind().name(),
                displayed_at: description.displayed_at().map(|at| at.to_string()),
                consented_at: description.consented_at().map(|at| at.to_string()),
                version: description.version().map(|text| text.as_str()),
            },
        }
    }
}
