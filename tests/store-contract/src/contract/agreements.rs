//! What is agreed about the accounts and the credit that behaviours open: the least of it and all
//! of it.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::world::{metadata, text};
use subledger::account::profile::{
    AccountEntities, AccountHolderType, AccountProfile, AdverseActionNotice, Agreement,
    ApplicationId, ApprovedCredit, Capabilities, Capability, CreditBureau, CreditReport,
    CreditScore, CurrencyCode, DeliveryMethod, Document, DocumentDescription, DocumentId,
    DocumentType, EntityId, Protection,
};
use subledger::balance::credit::{
    AutopayMethod, CreditRecord, CreditStructure, CreditTerms, Interest, IntervalDays,
    NonRevolvingTerms, PaymentFrequency, Rate, Repayment, RevolvingTerms, RewardsUnit, Term,
    TermUnit,
};
use subledger::idempotency::Fingerprint;
use subledger::metadata::Metadata;
use subledger::money::bounded_list::BoundedList;
use subledger::money::calendar_date::CalendarDate;
use subledger::money::timestamp::Timestamp;

fn list<T: std::fmt::Debug, const MIN: usize, const MAX: usize>(
    items: Vec<T>,
) -> BoundedList<T, MIN, MAX> {
    BoundedList::new(items).unwrap()
}

fn date(text: &str) -> CalendarDate {
    CalendarDate::parse(text).unwrap()
}

fn rate<const DECIMALS: usize>(text: &str) -> Rate<DECIMALS> {
    Rate::parse(text).unwrap()
}

/// The least that is agreed about an account, in a request that asks for `asked`.
pub(super) fn profile(capabilities: Vec<Capability>, asked: &str) -> AccountProfile {
    AccountProfile {
        agreement: Agreement {
            capabilities: Capabilities::new(capabilities).unwrap(),
            product_name: text("Everyday"),
            entities: AccountEntities {
                holder_type: None,
                account_holders: list(vec![EntityId::parse("entity_1").unwrap()]),
                authorized_signers: list(vec![]),
                authorized_users: list(vec![]),
            },
            application_id: None,
            credit: None,
            adverse_action_notice: None,
            documents: list(vec![]),
        },
        fingerprint: Fingerprint::of(asked.as_bytes()),
    }
}

/// Everything that can be agreed about an account.
pub(super) fn full_profile() -> AccountProfile {
    let entity = |id| EntityId::parse(id).unwrap();
    let moment = |micros| Timestamp::from_micros(micros).unwrap();
    let document = |id, description| Document { id: DocumentId::parse(id).unwrap(), description };
    let described = |kind, displayed_at, consented_at, version: Option<&str>| {
        let version = version.map(text);
        Some(DocumentDescription::new(kind, displayed_at, consented_at, version).unwrap())
    };
    let (shown, agreed) = (Some(moment(1_784_308_973_123_456)), Some(moment(-1)));
    let consent = DocumentType::EsignAgreement;
    AccountProfile {
        agreement: Agreement {
            capabilities: Capabilities::new(vec![
                Capability::CreditWithoutUnderwriting,
                Capability::Deposit,
                Capability::CreditWithUnderwriting,
            ])
            .unwrap(),
            product_name: text("Größe #1/2"),
            entities: AccountEntities {
                holder_type: Some(AccountHolderType::Commercial),
                account_holders: list(vec![entity("entity_b"), entity("entity_a#/é")]),
                authorized_signers: list(vec![entity("entity_c")]),
                authorized_users: list(vec![entity("entity_d"), entity("entity_d")]),
            },
            application_id: Some(ApplicationId::parse("application_xyz_123").unwrap()),
            credit: Some(ApprovedCredit {
                is_secured: true,
                is_mla: false,
                underwriting_grade: text("A+"),
                currency: CurrencyCode::parse("USD").unwrap(),
                available_credit: i64::MAX,
                limit: 9_007_199_254_740_993,
                max_limit: i64::MIN,
                scra: Some(Protection { start_date: date("2024-02-29"), end_date: None }),
                report: Some(CreditReport {
                    score: CreditScore::new(850).unwrap(),
                    pulled_at: moment(1),
                    source: CreditBureau::Transunion,
                }),
            }),
            adverse_action_notice: Some(AdverseActionNotice {
                delivered_at: moment(0),
                reason: text("too little\nincome"),
                delivery_method: DeliveryMethod::Other,
            }),
            documents: list(vec![
                document("agreement.pdf", None),
                document("b", described(DocumentType::LoanAgreement, shown, None, Some("1.0"))),
                document("a", described(consent, None, agreed, None)),
                document("a", described(consent, shown, agreed, Some(""))),
            ]),
        },
        fingerprint: Fingerprint::of(b"everything"),
    }
}

/// What is agreed about a credit, in a request that asks for `asked`.
pub(super) fn credit(asked: &str) -> CreditRecord {
    CreditRecord {
        account_reference: text("account_1"),
        name: text("Fund #1"),
        settlement_bank_account: None,
        terms: least_terms(),
        metadata: Metadata::default(),
        fingerprint: Fingerprint::of(asked.as_bytes()),
    }
}

/// Credits of every structure, with everything and with the least that can be said.
pub(super) fn all_credits() -> Vec<CreditRecord> {
    let full = CreditRecord {
        account_reference: text("0190163d-8694-739b-aea5-966c26f8ad91"),
        name: text("Größe #1/2"),
        settlement_bank_account: Some(text("bank/1#2")),
        terms: full_terms(),
        metadata: metadata(),
        fingerprint: Fingerprint::of(b"everything"),
    };
    let revolving = |repayment_details| CreditTerms {
        structure: CreditStructure::Revolving(RevolvingTerms { repayment_details }),
        ..full_terms()
    };
    let frequencies =
        vec![PaymentFrequency::FixedInterval { interval: days(1) }, PaymentFrequency::Maturity];
    vec![
        CreditRecord { terms: revolving(list(frequencies)), ..full.clone() },
        CreditRecord { terms: revolving(list(vec![])), ..full.clone() },
        full,
        credit("the least"),
    ]
}

fn days(days: u16) -> IntervalDays {
    IntervalDays::new(days).unwrap()
}

fn least_terms() -> CreditTerms {
    CreditTerms {
        rewards: None,
        autopay_method: AutopayMethod::None,
        interest: Interest::new(None, None).unwrap(),
        effective_apr: rate("0.000"),
        effective_interest_rate: rate("0.000000"),
        structure: CreditStructure::NonRevolving(NonRevolvingTerms {
            expected_maturity_date: date("2026-07-17"),
            repayment_details: list(vec![]),
            max_funding_amount: 0,
            term: Term { value: 0, unit: TermUnit::Days },
            expected_finance_charge_amount: 0,
        }),
    }
}

fn full_terms() -> CreditTerms {
    let repayment = Repayment {
        frequency: PaymentFrequency::FixedInterval { interval: days(730) },
        expected_number_of_payments: Some(9_007_199_254_740_993),
        expected_first_payment_date: Some(date("0001-01-01")),
        expected_last_payment_date: Some(date("9999-12-31")),
        expected_first_payment_amount: Some(0),
        expected_last_payment_amount: Some(-1),
        expected_payment_amount: Some(i64::MAX),
    };
    let sparse = Repayment {
        frequency: PaymentFrequency::SemiMonthly,
        expected_number_of_payments: None,
        expected_first_payment_date: None,
        expected_last_payment_date: None,
        expected_first_payment_amount: None,
        expected_last_payment_amount: None,
        expected_payment_amount: None,
    };
    CreditTerms {
        rewards: Some(RewardsUnit::Points),
        autopay_method: AutopayMethod::VirtualWallet,
        interest: Interest::new(Some(true), Some(rate("10.250000"))).unwrap(),
        effective_apr: rate("9999999999999999.990"),
        effective_interest_rate: rate("00.100000"),
        structure: CreditStructure::NonRevolving(NonRevolvingTerms {
            expected_maturity_date: date("1999-12-31"),
            repayment_details: list(vec![repayment, sparse, sparse]),
            max_funding_amount: i64::MAX,
            term: Term { value: i64::MIN, unit: TermUnit::Years },
            expected_finance_charge_amount: i64::MIN,
        }),
    }
}
