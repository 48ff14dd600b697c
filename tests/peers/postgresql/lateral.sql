SELECT balance.id, last.*
FROM balance CROSS JOIN LATERAL (
  SELECT available_balance_after, on_hold_balance_after, balance_version_after, created_at
  FROM operation
  WHERE organization_id = balance.organization_id
    AND ledger_id = balance.ledger_id
    AND account_id = balance.account_id
    AND balance_id = balance.id
    AND created_at <= timestamptz '2026-01-01 00:00:00Z' + (:versions - 1) * interval '1 millisecond'
  ORDER BY created_at DESC, balance_version_after DESC
  LIMIT 1
) AS last
WHERE balance.organization_id = md5('organization')::uuid
  AND balance.ledger_id = md5('ledger')::uuid
  AND balance.account_id = md5('account')::uuid;
