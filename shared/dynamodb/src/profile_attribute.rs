//! What was agreed when an account was opened through v0, as an attribute of the account.

use serde::{Deserialize, Serialize};
use subledger::account_profile::{
    ADVERSE_ACTION_REASON_CHARACTERS_MAX, AccountEntities, AccountHolderType, AccountProfile,
    AdverseActionNotice, ApplicationId, ApprovedCredit, Capabilities, Capability, CreditBureau,
    CreditReport, CreditScore, CurrencyCode, DOCUMENT_VERSION_CHARACTERS_MAX, DeliveryMethod,
    Document, DocumentDescription, DocumentId, DocumentType, EntityId, Protection,
    UNDERWRITING_GRADE_CHARACTERS_MAX,
};
use subledger::bounded_list::BoundedList;
use subledger::calendar_date::CalendarDate;
use subledger::idempotency::Fingerprint;
use subledger::text::{Name, Text};
use subledger::timestamp::Timestamp;

use crate::attribute::{AsBoolean, AsList, AsMap, AsNumber, AsText};

/// What is agreed when an account is opened.
#[derive(Serialize, Deserialize)]
pub(crate) struct ProfileAttribute {
    capabilities: AsList<Vec<AsText<Capability>>>,
    product_name: AsText<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder_type: Option<AsText<AccountHolderType>>,
    account_holders: AsList<Vec<AsText<EntityId>>>,
    #[serde(default, skip_serializing_if = "AsList::is_empty")]
    authorized_signers: AsList<Vec<AsText<EntityId>>>,
    #[serde(default, skip_serializing_if = "AsList::is_empty")]
    authorized_users: AsList<Vec<AsText<EntityId>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application_id: Option<AsText<ApplicationId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credit: Option<AsMap<CreditAttribute>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adverse_action_notice: Option<AsMap<NoticeAttribute>>,
    #[serde(default, skip_serializing_if = "AsList::is_empty")]
    documents: AsList<Vec<AsMap<DocumentAttribute>>>,
    fingerprint: AsText<Fingerprint>,
}

#[derive(Serialize, Deserialize)]
struct CreditAttribute {
    is_secured: AsBoolean<bool>,
    is_mla: AsBoolean<bool>,
    underwriting_grade: AsText<Text<UNDERWRITING_GRADE_CHARACTERS_MAX>>,
    currency: AsText<CurrencyCode>,
    available_credit: AsNumber<i64>,
    limit: AsNumber<i64>,
    max_limit: AsNumber<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scra: Option<AsMap<ProtectionAttribute>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<AsMap<ReportAttribute>>,
}

#[derive(Serialize, Deserialize)]
struct ProtectionAttribute {
    start_date: AsText<CalendarDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_date: Option<AsText<CalendarDate>>,
}

#[derive(Serialize, Deserialize)]
struct ReportAttribute {
    score: AsNumber<u16>,
    pulled_at: AsText<Timestamp>,
    source: AsText<CreditBureau>,
}

#[derive(Serialize, Deserialize)]
struct NoticeAttribute {
    delivered_at: AsText<Timestamp>,
    reason: AsText<Text<ADVERSE_ACTION_REASON_CHARACTERS_MAX>>,
    delivery_method: AsText<DeliveryMethod>,
}

#[derive(Serialize, Deserialize)]
struct DocumentAttribute {
    id: AsText<DocumentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<AsMap<DescriptionAttribute>>,
}

#[derive(Serialize, Deserialize)]
struct DescriptionAttribute {
    kind: AsText<DocumentType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    displayed_at: Option<AsText<Timestamp>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consented_at: Option<AsText<Timestamp>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<AsText<Text<DOCUMENT_VERSION_CHARACTERS_MAX>>>,
}

impl From<&AccountProfile> for ProfileAttribute {
    fn from(profile: &AccountProfile) -> Self {
        let capabilities = profile.capabilities.as_slice().iter().copied();
        let entities = &profile.entities;
        let names = |ids: &[EntityId]| ids.iter().cloned().map(AsText).collect();
        Self {
            capabilities: capabilities.map(AsText).collect(),
            product_name: AsText(profile.product_name.clone()),
            holder_type: entities.holder_type.map(AsText),
            account_holders: names(entities.account_holders.as_slice()),
            authorized_signers: names(entities.authorized_signers.as_slice()),
            authorized_users: names(entities.authorized_users.as_slice()),
            application_id: profile.application_id.clone().map(AsText),
            credit: profile.credit.as_ref().map(|it| AsMap(it.into())),
            adverse_action_notice: profile.adverse_action_notice.as_ref().map(|notice| {
                AsMap(NoticeAttribute {
                    delivered_at: AsText(notice.delivered_at),
                    reason: AsText(notice.reason.clone()),
                    delivery_method: AsText(notice.delivery_method),
                })
            }),
            documents: profile.documents.as_slice().iter().map(|it| AsMap(it.into())).collect(),
            fingerprint: AsText(profile.fingerprint),
        }
    }
}

impl ProfileAttribute {
    /// The profile, or what is wrong with the stored one.
    pub(crate) fn into_profile(self) -> Result<AccountProfile, String> {
        let capabilities = self.capabilities.0.into_iter().map(|AsText(capability)| capability);
        let documents =
            self.documents.0.into_iter().map(|AsMap(document)| document.into_document());
        Ok(AccountProfile {
            capabilities: Capabilities::new(capabilities.collect())
                .map_err(|error| error.to_string())?,
            product_name: self.product_name.0,
            entities: AccountEntities {
                holder_type: self.holder_type.map(|AsText(kind)| kind),
                account_holders: entities(self.account_holders)?,
                authorized_signers: entities(self.authorized_signers)?,
                authorized_users: entities(self.authorized_users)?,
            },
            application_id: self.application_id.map(|AsText(id)| id),
            credit: self.credit.map(|AsMap(credit)| credit.into_credit()).transpose()?,
            adverse_action_notice: self.adverse_action_notice.map(|AsMap(notice)| {
                AdverseActionNotice {
                    delivered_at: notice.delivered_at.0,
                    reason: notice.reason.0,
                    delivery_method: notice.delivery_method.0,
                }
            }),
            documents: BoundedList::new(documents.collect::<Result<_, _>>()?)
                .map_err(|error| error.to_string())?,
            fingerprint: self.fingerprint.0,
        })
    }
}

fn entities<const MIN: usize, const MAX: usize>(
    AsList(ids): AsList<Vec<AsText<EntityId>>>,
) -> Result<BoundedList<EntityId, MIN, MAX>, String> {
    let ids = ids.into_iter().map(|AsText(id)| id).collect();
    BoundedList::new(ids).map_err(|error| error.to_string())
}

impl From<&ApprovedCredit> for CreditAttribute {
    fn from(credit: &ApprovedCredit) -> Self {
        Self {
            is_secured: AsBoolean(credit.is_secured),
            is_mla: AsBoolean(credit.is_mla),
            underwriting_grade: AsText(credit.underwriting_grade.clone()),
            currency: AsText(credit.currency.clone()),
            available_credit: AsNumber(credit.available_credit),
            limit: AsNumber(credit.limit),
            max_limit: AsNumber(credit.max_limit),
            scra: credit.scra.map(|protection| {
                AsMap(ProtectionAttribute {
                    start_date: AsText(protection.start_date),
                    end_date: protection.end_date.map(AsText),
                })
            }),
            report: credit.report.map(|report| {
                AsMap(ReportAttribute {
                    score: AsNumber(report.score.get()),
                    pulled_at: AsText(report.pulled_at),
                    source: AsText(report.source),
                })
            }),
        }
    }
}

impl CreditAttribute {
    fn into_credit(self) -> Result<ApprovedCredit, String> {
        Ok(ApprovedCredit {
            is_secured: self.is_secured.0,
            is_mla: self.is_mla.0,
            underwriting_grade: self.underwriting_grade.0,
            currency: self.currency.0,
            available_credit: self.available_credit.0,
            limit: self.limit.0,
            max_limit: self.max_limit.0,
            scra: self.scra.map(|AsMap(protection)| Protection {
                start_date: protection.start_date.0,
                end_date: protection.end_date.map(|AsText(date)| date),
            }),
            report: self.report.map(|AsMap(report)| report.into_report()).transpose()?,
        })
    }
}

impl ReportAttribute {
    fn into_report(self) -> Result<CreditReport, String> {
        Ok(CreditReport {
            score: CreditScore::new(self.score.0).ok_or("a score is out of range")?,
            pulled_at: self.pulled_at.0,
            source: self.source.0,
        })
    }
}

impl From<&Document> for DocumentAttribute {
    fn from(document: &Document) -> Self {
        let description = document.description.as_ref().map(|description| {
            AsMap(DescriptionAttribute {
                kind: AsText(description.kind()),
                displayed_at: description.displayed_at().map(AsText),
                consented_at: description.consented_at().map(AsText),
                version: description.version().cloned().map(AsText),
            })
        });
        Self { id: AsText(document.id.clone()), description }
    }
}

impl DocumentAttribute {
    fn into_document(self) -> Result<Document, String> {
        let description = self.description.map(|AsMap(description)| description.into_description());
        Ok(Document { id: self.id.0, description: description.transpose()? })
    }
}

impl DescriptionAttribute {
    fn into_description(self) -> Result<DocumentDescription, String> {
        let moment = |moment: Option<AsText<Timestamp>>| moment.map(|AsText(moment)| moment);
        DocumentDescription::new(
            self.kind.0,
            moment(self.displayed_at),
            moment(self.consented_at),
            self.version.map(|AsText(version)| version),
        )
        .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(profile: &AccountProfile) {
        let item = serde_json::to_string(&ProfileAttribute::from(profile)).unwrap();
        let stored: ProfileAttribute = serde_json::from_str(&item).unwrap();
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
            ..bare
        });
    }
}
