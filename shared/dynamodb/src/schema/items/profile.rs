//! What was agreed when an account was opened through v0, as an attribute of the account.

use serde::{Deserialize, Serialize};
use subledger::account::profile::{
    ADVERSE_ACTION_REASON_CHARACTERS_MAX, AccountEntities, AccountHolderType, AccountProfile,
    AdverseActionNotice, Agreement, ApplicationId, ApprovedCredit, Capabilities, Capability,
    CreditBureau, CreditReport, CreditScore, CurrencyCode, DOCUMENT_VERSION_CHARACTERS_MAX,
    DeliveryMethod, Document, DocumentDescription, DocumentId, DocumentType, EntityId, Protection,
    UNDERWRITING_GRADE_CHARACTERS_MAX,
};
use subledger::idempotency::Fingerprint;
use subledger::money::bounded_list::BoundedList;
use subledger::money::calendar_date::CalendarDate;
use subledger::money::text::{Name, Text};
use subledger::money::timestamp::Timestamp;

use crate::schema::canonical;

/// What is agreed when an account is opened.
#[derive(Serialize, Deserialize)]
pub(crate) struct ProfileAttribute {
    #[serde(with = "canonical::list")]
    capabilities: Vec<Capability>,
    #[serde(with = "canonical")]
    product_name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    holder_type: Option<AccountHolderType>,
    #[serde(with = "canonical::list")]
    account_holders: Vec<EntityId>,
    #[serde(with = "canonical::list")]
    authorized_signers: Vec<EntityId>,
    #[serde(with = "canonical::list")]
    authorized_users: Vec<EntityId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    application_id: Option<ApplicationId>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    credit: Option<CreditAttribute>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    adverse_action_notice: Option<NoticeAttribute>,
    #[serde(deserialize_with = "canonical::maps")]
    documents: Vec<DocumentAttribute>,
    #[serde(with = "canonical")]
    fingerprint: Fingerprint,
}

#[derive(Serialize, Deserialize)]
struct CreditAttribute {
    is_secured: bool,
    is_mla: bool,
    #[serde(with = "canonical")]
    underwriting_grade: Text<UNDERWRITING_GRADE_CHARACTERS_MAX>,
    #[serde(with = "canonical")]
    currency: CurrencyCode,
    available_credit: i64,
    limit: i64,
    max_limit: i64,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    scra: Option<ProtectionAttribute>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    report: Option<ReportAttribute>,
}

#[derive(Serialize, Deserialize)]
struct ProtectionAttribute {
    #[serde(with = "canonical")]
    start_date: CalendarDate,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    end_date: Option<CalendarDate>,
}

#[derive(Serialize, Deserialize)]
struct ReportAttribute {
    score: u16,
    #[serde(with = "canonical")]
    pulled_at: Timestamp,
    #[serde(with = "canonical")]
    source: CreditBureau,
}

#[derive(Serialize, Deserialize)]
struct NoticeAttribute {
    #[serde(with = "canonical")]
    delivered_at: Timestamp,
    #[serde(with = "canonical")]
    reason: Text<ADVERSE_ACTION_REASON_CHARACTERS_MAX>,
    #[serde(with = "canonical")]
    delivery_method: DeliveryMethod,
}

#[derive(Serialize, Deserialize)]
struct DocumentAttribute {
    #[serde(with = "canonical")]
    id: DocumentId,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    description: Option<DescriptionAttribute>,
}

#[derive(Serialize, Deserialize)]
struct DescriptionAttribute {
    #[serde(with = "canonical")]
    kind: DocumentType,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    displayed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    consented_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    version: Option<Text<DOCUMENT_VERSION_CHARACTERS_MAX>>,
}

impl From<&AccountProfile> for ProfileAttribute {
    fn from(profile: &AccountProfile) -> Self {
        let capabilities = profile.agreement.capabilities.as_slice().iter().copied();
        let entities = &profile.agreement.entities;
        Self {
            capabilities: capabilities.collect(),
            product_name: profile.agreement.product_name.clone(),
            holder_type: entities.holder_type,
            account_holders: entities.account_holders.as_slice().to_vec(),
            authorized_signers: entities.authorized_signers.as_slice().to_vec(),
            authorized_users: entities.authorized_users.as_slice().to_vec(),
            application_id: profile.agreement.application_id.clone(),
            credit: profile.agreement.credit.as_ref().map(Into::into),
            adverse_action_notice: profile.agreement.adverse_action_notice.as_ref().map(|notice| {
                NoticeAttribute {
                    delivered_at: notice.delivered_at,
                    reason: notice.reason.clone(),
                    delivery_method: notice.delivery_method,
                }
            }),
            documents: profile.agreement.documents.as_slice().iter().map(Into::into).collect(),
            fingerprint: profile.fingerprint,
        }
    }
}

impl ProfileAttribute {
    /// The profile, or what is wrong with the stored one.
    pub(crate) fn into_profile(self) -> Result<AccountProfile, String> {
        let capabilities = self.capabilities.into_iter();
        let documents = self.documents.into_iter().map(DocumentAttribute::into_document);
        Ok(AccountProfile {
            agreement: Agreement {
                capabilities: Capabilities::new(capabilities.collect())
                    .map_err(|error| error.to_string())?,
                product_name: self.product_name,
                entities: AccountEntities {
                    holder_type: self.holder_type,
                    account_holders: entities(self.account_holders)?,
                    authorized_signers: entities(self.authorized_signers)?,
                    authorized_users: entities(self.authorized_users)?,
                },
                application_id: self.application_id,
                credit: self.credit.map(CreditAttribute::into_credit).transpose()?,
                adverse_action_notice: self.adverse_action_notice.map(|notice| {
                    AdverseActionNotice {
                        delivered_at: notice.delivered_at,
                        reason: notice.reason,
                        delivery_method: notice.delivery_method,
                    }
                }),
                documents: BoundedList::new(documents.collect::<Result<_, _>>()?)
                    .ok_or("a list has too few or too many items")?,
            },
            fingerprint: self.fingerprint,
        })
    }
}

fn entities<const MIN: usize, const MAX: usize>(
    ids: Vec<EntityId>,
) -> Result<BoundedList<EntityId, MIN, MAX>, String> {
    BoundedList::new(ids).ok_or_else(|| "a list has too few or too many items".to_owned())
}

impl From<&ApprovedCredit> for CreditAttribute {
    fn from(credit: &ApprovedCredit) -> Self {
        Self {
            is_secured: credit.is_secured,
            is_mla: credit.is_mla,
            underwriting_grade: credit.underwriting_grade.clone(),
            currency: credit.currency.clone(),
            available_credit: credit.available_credit,
            limit: credit.limit,
            max_limit: credit.max_limit,
            scra: credit.scra.map(|protection| ProtectionAttribute {
                start_date: protection.start_date,
                end_date: protection.end_date,
            }),
            report: credit.report.map(|report| ReportAttribute {
                score: report.score.get(),
                pulled_at: report.pulled_at,
                source: report.source,
            }),
        }
    }
}

impl CreditAttribute {
    fn into_credit(self) -> Result<ApprovedCredit, String> {
        Ok(ApprovedCredit {
            is_secured: self.is_secured,
            is_mla: self.is_mla,
            underwriting_grade: self.underwriting_grade,
            currency: self.currency,
            available_credit: self.available_credit,
            limit: self.limit,
            max_limit: self.max_limit,
            scra: self.scra.map(|protection| Protection {
                start_date: protection.start_date,
                end_date: protection.end_date,
            }),
            report: self.report.map(ReportAttribute::into_report).transpose()?,
        })
    }
}

impl ReportAttribute {
    fn into_report(self) -> Result<CreditReport, String> {
        Ok(CreditReport {
            score: CreditScore::new(self.score).ok_or("a score is out of range")?,
            pulled_at: self.pulled_at,
            source: self.source,
        })
    }
}

impl From<&Document> for DocumentAttribute {
    fn from(document: &Document) -> Self {
        let description = document.description.as_ref().map(|description| DescriptionAttribute {
            kind: description.kind(),
            displayed_at: description.displayed_at(),
            consented_at: description.consented_at(),
            version: description.version().cloned(),
        });
        Self { id: document.id.clone(), description }
    }
}

impl DocumentAttribute {
    fn into_document(self) -> Result<Document, String> {
        let description = self.description.map(DescriptionAttribute::into_description);
        Ok(Document { id: self.id, description: description.transpose()? })
    }
}

impl DescriptionAttribute {
    fn into_description(self) -> Result<DocumentDescription, String> {
        DocumentDescription::new(self.kind, self.displayed_at, self.consented_at, self.version)
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde_dynamo::{from_attribute_value, to_attribute_value};

    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(profile: &AccountProfile) {
        let stored: AttributeValue = to_attribute_value(ProfileAttribute::from(profile)).unwrap();
        let stored: ProfileAttribute = from_attribute_value(stored).unwrap();
        assert_eq!(stored.into_profile().as_ref(), Ok(profile));
    }

    fn credit() -> ApprovedCredit {
        ApprovedCredit {
            is_secured: false,
            is_mla: true,
            underwriting_grade: Text::parse("A+").unwrap(),
            currency: CurrencyCode::parse("USD").unwrap(),
            available_credit: 0,
            limit: i64::MAX,
            max_limit: -1,
            scra: Some(Protection {
                start_date: CalendarDate::parse("2026-01-31").unwrap(),
                end_date: None,
            }),
            report: Some(CreditReport {
                score: CreditScore::new(850).unwrap(),
                pulled_at: samples::moment(1),
                source: CreditBureau::Transunion,
            }),
        }
    }

    #[test]
    fn a_profile_is_read_as_it_was_written() {
        let bare = samples::profile();
        check(&bare);
        let entity = |id| EntityId::parse(id).unwrap();
        let text = |text| Text::parse(text).unwrap();
        let shown = DocumentDescription::new(
            DocumentType::LoanAgreement,
            Some(samples::moment(2)),
            Some(samples::moment(3)),
            Some(text("v1")),
        );
        let documents = [Some(shown.unwrap()), None].map(|description| Document {
            id: DocumentId::parse("agreement.pdf").unwrap(),
            description,
        });
        check(&AccountProfile {
            agreement: Agreement {
                entities: AccountEntities {
                    holder_type: Some(AccountHolderType::Commercial),
                    account_holders: BoundedList::new(vec![entity("entity_a"), entity("entity_b")])
                        .unwrap(),
                    authorized_signers: BoundedList::new(vec![entity("entity_c")]).unwrap(),
                    authorized_users: BoundedList::new(vec![entity("entity_d")]).unwrap(),
                },
                application_id: ApplicationId::parse("application_1"),
                credit: Some(credit()),
                adverse_action_notice: Some(AdverseActionNotice {
                    delivered_at: samples::moment(4),
                    reason: Text::parse("too little income").unwrap(),
                    delivery_method: DeliveryMethod::Email,
                }),
                documents: BoundedList::new(documents.into()).unwrap(),
                ..bare.agreement
            },
            fingerprint: bare.fingerprint,
        });
    }
}
