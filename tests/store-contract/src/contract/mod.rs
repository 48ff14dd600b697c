//! What every store does, as a list of behaviours. A store is what passes all of them.
//!
//! [`store_contract!`](crate::store_contract) makes one test of each. A behaviour makes an
//! organization and a ledger of its own, so that all of them may run in one table, at the same
//! time and again.

/// Asserts that a result is the error of this pattern.
macro_rules! assert_refused {
    ($result:expr, $error:pat $(if $guard:expr)?) => {{
        let result = $result;
        assert!(
            matches!(&result, Err($error) $(if $guard)?),
            "expected {}, got {result:?}",
            stringify!($error $(if $guard)?)
        );
    }};
}

pub mod accounts;
mod agreements;
pub mod assets;
pub mod changes;
pub mod closings;
pub mod concurrency;
pub mod contention;
pub mod credit_balances;
pub mod deletions;
pub mod ends;
pub mod groups;
pub mod history;
pub mod holds;
pub mod isolation;
pub mod ledgers;
pub mod lists;
pub mod moments;
mod money;
pub mod openings;
pub mod organizations;
pub mod overdrafts;
pub mod postings;
pub mod repetitions;
pub mod reversals;
pub mod transaction_lists;
pub mod values;
pub mod versions;
mod world;

use subledger::ports::{
    ChangeAssets, ChangeBalances, ChangeGroups, ChangeLedgers, ChangeOrganizations, DeleteAccounts,
    InsertAsset, InsertGroup, InsertLedger, InsertOrganization, ListAccounts, ListBalances,
    ListGroups, ListTransactions, OpenBalances, PostTransactions, ReadAccounts, ReadAssets,
    ReadBalance, ReadCounts, ReadGroups, ReadHistory, ReadLedgers, ReadOrganizations,
    WriteAccounts,
};

/// A store with every capability, and one for tests.
pub trait Store:
    ReadOrganizations
    + InsertOrganization
    + ReadLedgers
    + InsertLedger
    + ReadAssets
    + InsertAsset
    + ReadCounts
    + ChangeOrganizations
    + ChangeLedgers
    + ChangeAssets
    + ReadGroups
    + ListGroups
    + InsertGroup
    + ChangeGroups
    + ListAccounts
    + ReadAccounts
    + WriteAccounts
    + DeleteAccounts
    + OpenBalances
    + ReadBalance
    + ListBalances
    + ReadHistory
    + ChangeBalances
    + PostTransactions
    + ListTransactions
{
}

impl<S> Store for S where
    S: ReadOrganizations
        + InsertOrganization
        + ReadLedgers
        + InsertLedger
        + ReadAssets
        + InsertAsset
        + ReadCounts
        + ChangeOrganizations
        + ChangeLedgers
        + ChangeAssets
        + ReadGroups
        + ListGroups
        + InsertGroup
        + ChangeGroups
        + ListAccounts
        + ReadAccounts
        + WriteAccounts
        + DeleteAccounts
        + OpenBalances
        + ReadBalance
        + ListBalances
        + ReadHistory
        + ChangeBalances
        + PostTransactions
        + ListTransactions
{
}

/// Makes one `#[test]` of every behaviour, in modules named after what they are about.
///
/// `$run` drives a future to its end, such as the `block_on` of an executor; `$new_store` is an
/// `async fn` that makes the store of one test. Both are paths that are in scope where the macro
/// is called.
///
/// ```text
/// subledger_store_contract::store_contract!(pollster::block_on, new_store);
/// ```
#[macro_export]
macro_rules! store_contract {
    ($run:path, $new_store:path) => {
        $crate::store_contract! {
            @tests $run, $new_store;
            organizations {
                an_organization_is_read_as_it_was_written,
                a_parent_organization_has_to_exist,
                organizations_are_listed_by_page_number,
            }
            ledgers {
                a_ledger_is_read_as_it_was_written,
                a_ledger_needs_its_organization,
                a_ledger_name_is_taken_once_however_it_is_spelled,
                ledgers_are_listed_by_page_number,
            }
            assets {
                an_asset_is_read_as_it_was_written,
                an_asset_comes_with_its_external_account,
                an_asset_needs_its_ledger,
                an_asset_name_or_code_is_taken_once,
                assets_are_listed_by_page_number,
            }
            accounts {
                an_account_is_read_as_it_was_written,
                every_agreement_about_an_account_is_kept,
                an_account_is_born_with_its_default_balance,
                an_account_needs_its_ledger_asset_and_parent,
                an_alias_is_taken_once_per_ledger,
                an_account_without_an_alias_is_called_by_its_id,
                accounts_are_listed_by_page_number,
                accounts_are_listed_in_order_of_creation_whatever_the_ids,
                a_profiled_account_is_opened_once_per_idempotency_key,
                a_profiled_account_needs_its_ledger,
                an_account_is_led_through_its_life,
                an_impossible_step_leaves_the_account_alone,
                an_account_is_replaced_only_in_the_revision_before,
                a_taken_account_id_is_reported_before_a_taken_alias,
            }
            ends {
                an_organization_is_changed,
                an_organization_is_deleted_once_nothing_stands_on_it,
                a_ledger_is_changed,
                a_ledger_is_deleted_once_nothing_stands_on_it,
                an_asset_is_changed,
                an_asset_is_deleted_once_no_account_has_it,
                what_is_listed_is_counted,
                a_deletion_that_overlooked_something_is_not_written,
                nothing_is_created_on_what_was_deleted,
                only_the_next_revision_is_written,
                nothing_is_made_on_what_is_being_deleted,
            }
            groups {
                a_group_is_read_as_it_was_written,
                a_group_needs_its_ledger,
                a_segment_name_and_an_account_type_key_are_taken_once,
                a_group_is_changed,
                groups_are_listed,
                an_account_enters_groups_that_are_there,
                a_group_is_deleted_once_no_account_is_in_it,
                the_type_of_an_account_is_checked_where_the_ledger_asks,
            }
            openings {
                a_balance_is_everywhere_once_it_is_opened,
                a_balance_is_opened_once_per_account_and_key,
                the_default_and_the_overdraft_key_are_spoken_for,
                refusals_to_open_have_an_order,
                an_inactive_account_may_have_more_balances,
                a_balance_that_may_be_overdrawn_brings_one_overdraft_balance,
                an_outdated_account_opens_nothing,
                a_taken_key_of_any_balance_leaves_nothing_behind,
                an_opening_that_fails_names_the_first_reason,
                a_key_is_free_once_its_balance_is_deleted,
            }
            credit_balances {
                a_credit_balance_is_read_as_it_was_written,
                every_kind_of_terms_is_kept,
                only_a_credit_balance_is_read_as_one,
                a_repeated_request_is_answered_with_the_same_balance,
                a_repeated_request_is_answered_whatever_happened_since,
                a_repeated_request_does_not_bring_a_deleted_balance_back,
                a_reused_key_is_refused,
                refusals_to_open_credit_have_an_order,
                a_refused_request_has_not_used_its_key,
                the_first_version_is_never_forgotten,
            }
            versions {
                the_newest_version_is_the_state_of_a_balance,
                only_the_next_version_is_written,
                a_deleted_balance_is_in_no_list,
                an_unknown_balance_is_not_found,
            }
            lists {
                a_ledger_is_walked_forth_and_back,
                a_ledger_of_four_shards_is_walked_forth_and_back,
                an_account_is_walked_forth_and_back,
                the_first_page_offers_the_way_forth_however_it_was_reached,
                balances_of_one_moment_are_all_listed,
                lists_are_in_order_of_creation_whatever_the_ids,
                a_range_includes_both_its_ends,
                a_page_may_begin_anywhere,
                the_last_page_is_the_last,
                pages_are_full_though_balances_were_deleted,
                a_walk_is_not_disturbed_by_new_balances,
                an_empty_ledger_has_one_empty_page,
                an_account_of_120_balances_is_listed,
                an_alias_lists_all_balances_of_its_account,
            }
            history {
                a_balance_is_known_as_of_any_moment,
                a_balance_is_not_known_before_it_was_opened,
                the_future_is_not_known,
                a_deleted_balance_keeps_its_history,
                an_unknown_balance_has_no_history,
                an_account_is_known_as_of_any_moment,
                an_account_is_known_with_its_overdraft_balance,
                an_account_of_120_balances_is_known_as_of_any_moment,
                versions_are_walked_forth_and_back,
                versions_between_two_moments_are_listed,
                a_page_of_versions_stays_in_its_range,
                a_balance_of_300_versions_is_known,
            }
            values {
                amounts_of_many_digits_are_exact,
                an_external_balance_may_be_negative,
                keys_of_any_characters_are_kept_apart,
                settings_are_kept_as_they_were_sent,
                every_field_of_a_later_version_is_kept,
            }
            isolation {
                accounts_are_not_seen_from_elsewhere,
                balances_are_not_seen_from_elsewhere,
                nothing_is_written_from_elsewhere,
                ledgers_of_one_organization_are_apart,
            }
            postings {
                a_transaction_moves_at_once,
                an_external_account_may_be_owed_and_owe,
                a_balance_of_direction_debit_counts_the_other_way,
                sources_and_destinations_share_the_value,
                several_legs_on_one_balance_make_one_version,
                an_annotation_moves_nothing,
                every_word_about_a_transaction_is_kept,
                amounts_of_sixty_digits_move_exactly,
                refusals_to_post_have_an_order,
                totals_have_to_match_the_value,
                a_refused_transaction_changes_nothing,
                a_restricted_balance_takes_no_part,
                a_blocked_or_closed_account_takes_no_part,
                transactions_stay_in_their_ledger,
                a_transaction_has_up_to_a_hundred_legs,
                a_transaction_changes_up_to_48_balances,
                a_leg_names_a_balance_by_alias_and_key,
                a_transaction_under_a_key_is_posted,
            }
            holds {
                a_pending_transaction_reserves,
                a_committed_transaction_moves_what_it_reserved,
                a_canceled_transaction_gives_back_what_it_reserved,
                a_balance_of_direction_debit_reserves_too,
                a_pending_transaction_ends_once,
                a_commit_checks_the_parties_again,
                a_cancellation_always_gives_back,
                a_commit_to_a_deleted_balance_is_refused,
                an_external_account_cannot_reserve,
                holds_on_one_balance_end_in_any_order,
            }
            overdrafts {
                an_overdraft_is_used_up_to_its_limit_and_repaid_first,
                an_overdraft_without_limit_has_none,
                the_overdraft_balance_is_written_with_the_balance,
                balances_of_an_account_share_the_overdraft_balance,
                an_overdraft_that_ends_is_still_repaid,
                a_limit_is_not_set_below_what_is_used,
                a_canceled_hold_gives_back_its_overdraft,
                a_canceled_hold_gives_back_no_more_than_is_owed,
                a_commit_repays_the_destination_s_overdraft,
                a_reversal_repays_an_overdraft,
            }
            reversals {
                a_reversal_moves_everything_back,
                a_committed_transaction_is_reverted,
                refusals_to_revert_have_an_order,
                a_reversal_stays_on_the_balances_of_its_original,
                a_reversal_needs_funds,
                equal_transactions_have_reversals_of_their_own,
                a_transaction_is_reverted_after_its_notes_changed,
                a_transaction_is_reverted_once,
                notes_change_while_a_transaction_is_reverted,
            }
            repetitions {
                a_repeated_request_is_answered_as_the_first,
                a_repeated_request_needs_no_funds,
                a_key_is_not_used_for_another_request,
                a_refused_transaction_has_not_used_its_key,
                equal_requests_without_a_key_are_several_transactions,
                fifty_equal_requests_post_one_transaction,
                one_of_ten_transactions_under_one_key_is_posted,
            }
            moments {
                a_date_in_the_past_does_not_change_history,
                a_date_in_the_future_is_refused,
                a_step_is_recorded_at_one_moment,
                time_goes_on_though_the_clock_stands_still,
                a_version_names_the_transaction_that_made_it,
            }
            changes {
                a_change_of_rules_is_a_version,
                a_change_brings_one_overdraft_balance,
                a_overdraft_balance_is_left_to_the_system,
                an_unknown_balance_is_not_changed,
                a_deleted_balance_takes_no_part,
                a_balance_is_deleted_only_when_it_is_empty,
                an_account_is_changed,
                refusals_to_change_an_account_have_an_order,
                changes_at_the_same_time_are_all_kept,
                a_balance_is_deleted_while_it_is_funded,
            }
            deletions {
                an_empty_account_is_deleted_with_its_balances,
                an_account_with_value_stays,
                a_deletion_that_was_given_up_leaves_an_account_whole,
                refusals_to_delete_an_account_have_an_order,
                an_account_is_deleted_while_it_is_funded,
            }
            closings {
                an_account_with_money_is_not_closed,
                an_account_that_owes_is_closed_by_writing_off,
                a_credit_is_repaid_with_more_than_is_owed,
                an_account_is_closed_while_it_is_funded,
                an_account_with_too_many_balances_is_not_closed,
            }
            transaction_lists {
                transactions_are_walked_forth_and_back,
                transactions_of_a_time_are_listed_and_counted,
                a_listed_transaction_is_the_current_one,
                an_empty_ledger_has_no_transactions,
                operations_of_an_account_are_walked_forth_and_back,
                operations_of_a_time_are_listed,
                operations_of_one_moment_are_all_listed,
            }
            contention {
                a_pending_transaction_ends_once_whatever_runs_in_parallel,
                every_change_of_notes_is_a_revision,
                sixteen_writers_share_one_balance,
                sixteen_writers_conserve_the_total,
            }
            concurrency {
                fifty_equal_requests_open_one_balance,
                fifty_equal_requests_open_one_account,
                one_of_ten_requests_under_one_key_is_accepted,
                one_of_twenty_balances_gets_the_key,
                one_of_twenty_accounts_gets_the_alias,
                one_of_ten_ledgers_and_assets_gets_the_name,
                eight_balances_share_one_overdraft_balance,
                one_of_ten_equal_steps_is_taken,
                an_account_is_closed_while_balances_are_opened,
                one_of_ten_next_versions_is_written,
            }
        }
    };
    (@tests $run:path, $new_store:path; $($noun:ident { $($behaviour:ident,)+ })+) => {$(
        mod $noun {
            use super::*;
            $(
                #[test]
                fn $behaviour() {
                    $run(async {
                        let store = $new_store().await;
                        $crate::contract::$noun::$behaviour(&store).await;
                    });
                }
            )+
        }
    )+};
}
