//! What is agreed when an account is opened through v0.

use crate::idempotency::Fingerprint;
use crate::money::bounded_list::BoundedList;
use crate::money::calendar_date::CalendarDate;
use crate::money::named::named;
use crate::money::text::{Name, Text, TextError, check};
use crate::money::timestamp::Timestamp;

/// The most entities that have the same relation to an account.
pub const ENTITIES_MAX: usize = 20;
/// The longest part of an entity's id behind `entity_`, in characters.
pub const ENTITY_ID_CHARACTERS_MAX: usize = 33;
/// The longest part of an application's id behind `application_`, in characters. The wire names
/// no limit.
pub const APPLICATION_ID_CHARACTERS_MAX: usize = 64;
/// The most documents of an account. The wire names no limit; a hundred with the longest texts
/// take 130 kB of the 400 kB that a stored item has room for.
pub const DOCUMENTS_MAX: usize = 100;
/// The longest id of a document, which is a file name, in characters.
pub const DOCUMENT_ID_CHARACTERS_MAX: usize = 255;
/// The longest version of a document, in characters. The wire names no limit.
pub const DOCUMENT_VERSION_CHARACTERS_MAX: usize = 64;
/// The longest underwriting grade, in characters. The wire names no limit.
pub const UNDERWRITING_GRADE_CHARACTERS_MAX: usize = 64;
/// The longest reason in an adverse action notice, in characters. The wire names no limit.
pub const ADVERSE_ACTION_REASON_CHARACTERS_MAX: usize = 2_000;

/// What v0 knows of an account that was opened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountProfile {
    /// What was agreed.
    pub agreement: Agreement,
    /// The fingerprint of the request that opened the account, which tells a repetition from
    /// another request.
    pub fingerprint: Fingerprint,
}

/// What is agreed when an account is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// What the account may be used for.
    pub capabilities: Capabilities,
    /// What the product is called.
    pub product_name: Name,
    /// The people and businesses related to the account.
    pub entities: AccountEntities,
    /// The application that was approved, and its credit.
    pub application_id: Option<ApplicationId>,
    /// How much credit was approved, and why.
    pub credit: Option<ApprovedCredit>,
    /// What the customer was told about what was not approved.
    pub adverse_action_notice: Option<AdverseActionNotice>,
    /// What the customer was shown; may be empty.
    pub documents: BoundedList<Document, 0, DOCUMENTS_MAX>,
}

impl Agreement {
    /// Whether the account may have a credit balance.
    #[must_use]
    pub fn supports_credit(&self) -> bool {
        self.capabilities.as_slice().iter().any(|capability| match capability {
            Capability::CreditWithUnderwriting | Capability::CreditWithoutUnderwriting => true,
            Capability::Deposit => false,
        })
    }
}

named! {
    /// What kinds of balances an account may have.
    pub enum Capability {
        /// Deposits.
        Deposit => "deposit",
        /// Credit that was underwritten.
        CreditWithUnderwriting => "credit_with_underwriting",
        /// Credit that was not.
        CreditWithoutUnderwriting => "credit_without_underwriting",
    }
}

/// Why a list of capabilities is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapabilitiesError {
    /// None.
    #[error("an account has at least one capability")]
    Empty,
    /// One twice.
    #[error("a capability is named twice")]
    Repeated {
        /// The index of the second occurrence.
        index: usize,
    },
}

/// At least one capability, none twice, in the order of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities(Vec<Capability>);

impl Capabilities {
    /// Checks that there is one, and none twice.
    ///
    /// # Errors
    /// [`CapabilitiesError`].
    pub fn new(capabilities: Vec<Capability>) -> Result<Self, CapabilitiesError> {
        if capabilities.is_empty() {
            return Err(CapabilitiesError::Empty);
        }
        for (index, capability) in capabilities.iter().enumerate() {
            if capabilities.iter().take(index).any(|earlier| earlier == capability) {
                return Err(CapabilitiesError::Repeated { index });
            }
        }
        Ok(Self(capabilities))
    }

    /// The capabilities.
    #[must_use]
    pub fn as_slice(&self) -> &[Capability] {
        &self.0
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }
}

/// The people and businesses related to an account, by their ids. They are stored elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEntities {
    /// What the holders are; absent where the client does not say.
    pub holder_type: Option<AccountHolderType>,
    /// Whose account it is.
    pub account_holders: BoundedList<EntityId, 1, ENTITIES_MAX>,
    /// Who signs for the holders; may be empty.
    pub authorized_signers: BoundedList<EntityId, 0, ENTITIES_MAX>,
    /// Who else may use it; may be empty.
    pub authorized_users: BoundedList<EntityId, 0, ENTITIES_MAX>,
}

named! {
    /// What the holders of an account are.
    pub enum AccountHolderType {
        /// People.
        Consumer => "consumer",
        /// Businesses.
        Commercial => "commercial",
    }
}

/// `entity_` and 1 to 33 characters that are not white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityId(String);

impl EntityId {
    /// The id, if the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let own = text.strip_prefix("entity_").filter(|own| !own.is_empty())?;
        // White space as in the wire's pattern, which is one of ECMAScript.
        let is_space = |c: char| c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}');
        check(own, ENTITY_ID_CHARACTERS_MAX, |c| !is_space(c) && c != '\0').ok()?;
        Some(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `application_` and 1 to 64 letters, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationId(String);

impl ApplicationId {
    /// The id, if the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let own = text.strip_prefix("application_").filter(|own| !own.is_empty())?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        check(own, APPLICATION_ID_CHARACTERS_MAX, allowed).ok()?;
        Some(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How much credit was approved, and why. Amounts are in minor units of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedCredit {
    /// Whether there is collateral.
    pub is_secured: bool,
    /// Whether the Military Lending Act applies.
    pub is_mla: bool,
    /// The client's grade.
    pub underwriting_grade: Text<UNDERWRITING_GRADE_CHARACTERS_MAX>,
    /// In what it is counted.
    pub currency: CurrencyCode,
    /// How much may still be drawn.
    pub available_credit: i64,
    /// How much may be drawn in all.
    pub limit: i64,
    /// How far the limit may be raised.
    pub max_limit: i64,
    /// While the Servicemembers Civil Relief Act applies.
    pub scra: Option<Protection>,
    /// The report of a credit bureau.
    pub report: Option<CreditReport>,
}

/// Three capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyCode(String);

impl CurrencyCode {
    /// The code, if the text is three capital letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        code.then(|| Self(text.to_owned()))
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The time in which a customer is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// The first day.
    pub start_date: CalendarDate,
    /// The last day; absent while it is not known.
    pub end_date: Option<CalendarDate>,
}

/// The report of a credit bureau about a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditReport {
    /// The score.
    pub score: CreditScore,
    /// When the report was requested.
    pub pulled_at: Timestamp,
    /// The bureau.
    pub source: CreditBureau,
}

/// 300 to 850.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditScore(u16);

impl CreditScore {
    /// The score, if it is 300 to 850.
    #[must_use]
    pub fn new(score: u16) -> Option<Self> {
        (300..=850).contains(&score).then_some(Self(score))
    }

    /// 300 to 850.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

named! {
    /// Who reports about customers.
    pub enum CreditBureau {
        /// Equifax.
        Equifax => "equifax",
        /// Experian.
        Experian => "experian",
        /// `TransUnion`.
        Transunion => "transunion",
    }
}

/// What a customer was told about what was not approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdverseActionNotice {
    /// When.
    pub delivered_at: Timestamp,
    /// Why it was not approved.
    pub reason: Text<ADVERSE_ACTION_REASON_CHARACTERS_MAX>,
    /// How.
    pub delivery_method: DeliveryMethod,
}

named! {
    /// How a notice reached a customer.
    pub enum DeliveryMethod {
        /// By electronic mail.
        Email => "email",
        /// By text message.
        Text => "text",
        /// In another way.
        Other => "other",
    }
}

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
    fn an_account_has_a_capability_and_none_twice() {
        use Capability::{CreditWithoutUnderwriting, Deposit};
        assert_eq!(Capabilities::new(vec![]), Err(CapabilitiesError::Empty));
        assert!(Capabilities::new(vec![Deposit, CreditWithoutUnderwriting]).is_ok());
        assert_eq!(
            Capabilities::new(vec![Deposit, CreditWithoutUnderwriting, Deposit]),
            Err(CapabilitiesError::Repeated { index: 2 })
        );
    }

    #[test]
    fn ids_have_their_prefix_and_their_characters() {
        for (text, fits) in [
            ("entity_1", true),
            ("entity_é#/", true),
            ("entity_123456789012345678901234567890123", true),
            ("entity_1234567890123456789012345678901234", false),
            ("entity_", false),
            ("entity_a b", false),
            ("entity_a\u{a0}b", false),
            ("entity_a\u{feff}b", false),
            ("entity_a\u{85}b", true),
            ("entity_a\u{a0}", false),
            ("entity_a\0", false),
            ("Entity_1", false),
            ("", false),
        ] {
            assert_eq!(EntityId::parse(text).is_some(), fits, "{text:?}");
        }
        for (text, fits) in [
            ("application_xyz_123", true),
            ("application_", false),
            ("application_a-b", false),
            ("application_é", false),
            ("application", false),
        ] {
            assert_eq!(ApplicationId::parse(text).is_some(), fits, "{text:?}");
        }
        assert!(ApplicationId::parse(&format!("application_{}", "a".repeat(64))).is_some());
        assert!(ApplicationId::parse(&format!("application_{}", "a".repeat(65))).is_none());
    }

    #[test]
    fn a_score_is_300_to_850_and_a_currency_three_capitals() {
        for (score, fits) in [(299, false), (300, true), (850, true), (851, false)] {
            assert_eq!(CreditScore::new(score).is_some(), fits, "{score}");
        }
        for (text, fits) in
            [("USD", true), ("usd", false), ("US", false), ("USDT", false), ("ÜS", false)]
        {
            assert_eq!(CurrencyCode::parse(text).is_some(), fits, "{text}");
        }
    }

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
