-- An operation as a ledger on SQL keeps it: what a balance was after it. The index is the one that
-- Midaz has for this question.
CREATE TABLE balance (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  ledger_id uuid NOT NULL,
  account_id uuid NOT NULL,
  key text NOT NULL
);
CREATE TABLE operation (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  ledger_id uuid NOT NULL,
  account_id uuid NOT NULL,
  balance_id uuid NOT NULL,
  available_balance_after numeric NOT NULL,
  on_hold_balance_after numeric NOT NULL,
  balance_version_after bigint NOT NULL,
  created_at timestamptz NOT NULL
);
INSERT INTO balance
SELECT md5('balance ' || b)::uuid, md5('organization')::uuid, md5('ledger')::uuid,
       md5('account')::uuid, 'key-' || b
FROM generate_series(1, :balances) AS b;
INSERT INTO operation
SELECT gen_random_uuid(), organization_id, ledger_id, account_id, balance.id, v % 1000000 + 0.5, 0, v,
       timestamptz '2026-01-01 00:00:00Z' + v * interval '1 millisecond'
FROM generate_series(1, :versions) AS v CROSS JOIN balance;
CREATE INDEX operation_as_of ON operation (organization_id, ledger_id, account_id, balance_id,
  created_at DESC, balance_version_after DESC);
CREATE INDEX balance_of_account ON balance (organization_id, ledger_id, account_id);
VACUUM ANALYZE;
