SELECT DISTINCT ON (balance_id) balance_id, available_balance_after, on_hold_balance_after,
  balance_version_after, created_at
FROM operation
WHERE organization_id = md5('organization')::uuid
  AND ledger_id = md5('ledger')::uuid
  AND account_id = md5('account')::uuid
  AND created_at <= timestamptz '2026-01-01 00:00:00Z' + (:versions - 1) * interval '1 millisecond'
ORDER BY balance_id, created_at DESC, balance_version_after DESC;
