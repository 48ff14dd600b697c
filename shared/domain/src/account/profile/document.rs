//! The documents that a customer was shown.

use crate::money::named::named;
use crate::money::text::{Text, TextError};
use crate::money::timestamp::Timestamp;

/// The most documents of an account. The wire names no limit; a hundred with the longest texts
/// take 130 kB of the 400 kB that a stored item has room for.
pub const DOCUMENTS_MAX: usize = 100;
/// The longest id of a document, which is a file name, in characters.
pub const DOCUMENT_ID_CHARACTERS_MAX: usize = 255;
/// The longest version of a document, in characters. The wire names no limit.
pub const DOCUMENT_VERSION_CHARACTERS_MAX: usize = 64;

/// A document, by its id. The document itself is stored elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub id: DocumentId,
    /// What is known about it; `None` if the client sent only its id.
    pub description: Option<DocumentDescription>,
}

/// The name of a document: 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentId(Text<DOCUMENT_ID_CHARACTERS_MAX>);

impl DocumentId {
    /// Checks the length.
    ///
    /// # Errors
    /// [`TextError`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(Text::parse(text)?))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Why what is said about a document is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A document that informs, without the moment when it was shown.
    #[error("a document of this type has a moment when it was displayed")]
    DisplayedAtMissing,
    /// A document that asks for consent, without the moment when it was given.
    #[error("a document of this type has a moment when it was consented to")]
    ConsentedAtMissing,
}

/// What is known about a document. The moment that its type asks for is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentDescription {
    kind: DocumentType,
    displayed_at: Option<Timestamp>,
    consented_at: Option<Timestamp>,
    version: Option<Text<DOCUMENT_VERSION_CHARACTERS_MAX>>,
}

impl DocumentDescription {
    /// Checks that the moment is there that the type asks for.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn new(
        kind: DocumentType,
        displayed_at: Option<Timestamp>,
        consented_at: Option<Timestamp>,
        version: Option<Text<DOCUMENT_VERSION_CHARACTERS_MAX>>,
    ) -> Result<Self, DocumentError> {
        if kind.asks_for_consent() {
            consented_at.ok_or(DocumentError::ConsentedAtMissing)?;
        } else {
            displayed_at.ok_or(DocumentError::DisplayedAtMissing)?;
        }
        Ok(Self { kind, displayed_at, consented_at, version })
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> DocumentType {
        self.kind
    }

    /// When the customer saw it.
    #[must_use]
    pub const fn displayed_at(&self) -> Option<Timestamp> {
        self.displayed_at
    }

    /// When the customer consented to it.
    #[must_use]
    pub const fn consented_at(&self) -> Option<Timestamp> {
        self.consented_at
    }

    /// Which edition of it.
    #[must_use]
    pub const fn version(&self) -> Option<&Text<DOCUMENT_VERSION_CHARACTERS_MAX>> {
        self.version.as_ref()
    }
}

named! {
    /// What a document is.
    pub enum DocumentType {
        /// Adverse action notice.
        Aan => "aan",
        /// Loan agreement.
        LoanAgreement => "loan_agreement",
        /// Line of credit agreement.
        LocAgreement => "loc_agreement",
        /// Truth in lending.
        TruthInLendingDocument => "truth_in_lending_document",
        /// Authorization of debits.
        AchAuthorization => "ach_authorization",
        /// Notice of an incomplete application.
        NoticeOfIncompleteness => "notice_of_incompleteness",
        /// Notice of a credit score.
        CreditScoreNotice => "credit_score_notice",
        /// Summary of an offer.
        OfferSummary => "offer_summary",
        /// Personal guarantee.
        PersonalGuarantee => "personal_guarantee",
        /// Authorization to check a consumer's credit.
        ConsumerCreditAuth => "consumer_credit_auth",
        /// The partner's privacy policy.
        PartnerPrivacyPolicy => "partner_privacy_policy",
        /// The bank's privacy policy.
        LeadPrivacyPolicy => "lead_privacy_policy",
        /// Terms of use.
        TermsOfUse => "terms_of_use",
        /// Agreement to electronic signatures.
        EsignAgreement => "esign_agreement",
        /// Consent to ask a credit bureau.
        CreditPullConsent => "credit_pull_consent",
        /// Fair Credit Reporting Act notice.
        FcraNotice => "fcra_notice",
        /// Telephone Consumer Protection Act consent.
        TcpaConsent => "tcpa_consent",
        /// Patriot Act notice.
        PatriotActNotice => "patriot_act_notice",
        /// Military Lending Act notice.
        MlaNotice => "mla_notice",
        /// Terms before approval.
        PreApprovalTerms => "pre_approval_terms",
        /// Authorization of electronic transfers.
        EftAuthorization => "eft_authorization",
        /// Certification against prohibited industries.
        ProhibitedIndustryCertification => "prohibited_industry_certification",
        /// Document that names the decision makers.
        DecisionMakerDocument => "decision_maker_document",
        /// Certification of beneficial owners.
        BoCertification => "bo_certification",
        /// Policy on missed payments.
        MissedPaymentsPolicy => "missed_payments_policy",
        /// Consent to link an account.
        ConsentToLinkAccount => "consent_to_link_account",
        /// Consent to link a health savings account.
        ConsentToLinkHsa => "consent_to_link_hsa",
        /// Consent to a negative option.
        NegativeOptionConsent => "negative_option_consent",
        /// The bank's agreement on transfers.
        LeadFundsTransferAgreement => "lead_funds_transfer_agreement",
    }
}

impl DocumentType {
    /// Whether the customer has to consent to it; the others have to be shown.
    #[must_use]
    pub const fn asks_for_consent(self) -> bool {
        matches!(
            self,
            Self::EsignAgreement
                | Self::CreditPullConsent
                | Self::ConsentToLinkAccount
                | Self::ConsentToLinkHsa
                | Self::NegativeOptionConsent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_moment_that_its_type_asks_for() {
        let moment = Some(Timestamp::MIN);
        let shown = DocumentType::LoanAgreement;
        let agreed = DocumentType::EsignAgreement;
        for (kind, displayed_at, consented_at, error) in [
            (shown, moment, None, None),
            (shown, moment, moment, None),
            (shown, None, moment, Some(DocumentError::DisplayedAtMissing)),
            (agreed, None, moment, None),
            (agreed, moment, None, Some(DocumentError::ConsentedAtMissing)),
        ] {
            let description = DocumentDescription::new(kind, displayed_at, consented_at, None);
            assert_eq!(description.err(), error, "{kind:?}");
        }
        let consents = DocumentType::NAMES.iter().filter_map(|name| DocumentType::from_name(name));
        assert_eq!(consents.filter(|kind| kind.asks_for_consent()).count(), 5);
    }
}
