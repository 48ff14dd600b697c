//! What a stack prints when it is ready: where it is, its token, and three commands to paste.

use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use crate::backend::Backend;
use crate::seed::Demo;

/// The scopes of a tenant's token: all there are but an operator's.
pub const SCOPE: &str = "organization/read_write asset/read_write account/read_write subledger_balance/read_write \
     transaction/read_write";

/// How long the token that a stack prints is valid, in seconds: a day.
pub const EXPIRES_IN_SECONDS: i64 = 86_400;

/// A moment in UTC, as the API takes it in a query.
const MOMENT: StaticFormatDescription = format_description!(
    version = 2,
    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);

/// What the text is made of.
#[derive(Debug)]
pub struct Welcome<'a> {
    /// Where the API answers.
    pub base_url: &'a str,
    /// Where the data is, in words.
    pub place: &'a str,
    /// The DynamoDB that has it.
    pub backend: &'a Backend,
    /// A token for the demo organization and ledger, or without a demo for whoever manages
    /// organizations; `None` when no token is needed.
    pub token: Option<&'a str>,
    /// The demo data; `None` on a table that has only other data.
    pub demo: Option<Demo>,
    /// A moment at which the demo data is there.
    pub now: OffsetDateTime,
}

impl Welcome<'_> {
    /// The text, of several lines. Each command is one line and needs nothing that was set before.
    pub fn text(&self) -> String {
        let Self { base_url, place, backend, .. } = self;
        let token = match self.token {
            Some(token) => format!("token         {token}\n"),
            None => "token         none is needed: every request is let through\n".to_owned(),
        };
        let places = format!(
            "subledger answers at {base_url}, Ctrl-C stops it\n\
             \n\
             reference     {base_url}/\n\
             data          {place}\n\
             DynamoDB      {}, table {}\n",
            backend.endpoint_url, backend.table_name,
        );
        let Some(demo) = &self.demo else {
            return format!(
                "{places}{token}\n\
                 No demo data was written: the table has organizations, which the token lists.\n"
            );
        };
        format!(
            "{places}\
             organization  {}\n\
             ledger        {}\n\
             accounts      {} (customer), {} (funding)\n\
             {token}\
             \n\
             # Open a credit balance (v0).\n{}\n\
             \n\
             # List the balances of the account (v1).\n{}\n\
             \n\
             # What the account held when this stack started (v1).\n{}\n",
            demo.organization_id,
            demo.ledger_id,
            demo.customer_account_id,
            demo.funding_account_id,
            self.create_command(demo),
            self.list_command(demo),
            self.history_command(demo),
        )
    }

    fn create_command(&self, demo: &Demo) -> String {
        let account_id = demo.customer_account_id;
        let body = format!(
            r#"{{"account_id":"{account_id}","client_subledger_balance_name":"Demo credit line","currency_code":"USD","type":"credit","details":{{"structure":"revolving","autopay_method":"none","is_interest_based":false,"effective_apr":"10.250","effective_interest_rate":"9.500000","repayment_details":[{{"expected_payment_frequency":"monthly"}}]}}}}"#
        );
        format!(
            "{} -H 'Content-Type: application/json' -H 'Idempotency-Key: demo-credit-line' -d '{body}'",
            self.curl("/v0/subledger_balances")
        )
    }

    fn list_command(&self, demo: &Demo) -> String {
        self.curl(&format!("{}/balances", account_path(demo)))
    }

    fn history_command(&self, demo: &Demo) -> String {
        let path = account_path(demo);
        #[expect(clippy::expect_used, reason = "the format has no part that a moment could lack")]
        let date = self.now.format(MOMENT).expect("a moment has a date and a time");
        self.curl(&format!("{path}/balances/history?date={date}"))
    }

    fn curl(&self, path: &str) -> String {
        let authorization = match self.token {
            Some(token) => format!(" -H 'Authorization: Bearer {token}'"),
            None => String::new(),
        };
        format!("curl -sS '{}{path}'{authorization}", self.base_url)
    }
}

fn account_path(demo: &Demo) -> String {
    format!(
        "/v1/organizations/{}/ledgers/{}/accounts/{}",
        demo.organization_id, demo.ledger_id, demo.customer_account_id
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::DEMO;

    fn backend() -> Backend {
        Backend::local("subledger", "http://127.0.0.1:8000")
    }

    #[test]
    fn each_command_is_one_line_that_stands_alone() {
        let welcome = Welcome {
            base_url: "http://127.0.0.1:3000",
            place: ".data",
            backend: &backend(),
            token: Some("t.o.k"),
            demo: Some(DEMO),
            now: OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
        };
        let text = welcome.text();
        let commands: Vec<_> = text.lines().filter(|line| line.starts_with("curl")).collect();
        assert_eq!(commands.len(), 3);
        for command in &commands {
            assert!(command.contains("-H 'Authorization: Bearer t.o.k'"), "{command}");
        }
        assert_eq!(
            commands.last().copied(),
            Some(
                "curl -sS 'http://127.0.0.1:3000/v1/organizations/01900000-0000-7000-8000-000000000001/ledgers/01900000-0000-7000-8000-000000000002/accounts/01900000-0000-7000-8000-000000000003/balances/history?date=2027-01-15T08:00:00.000000Z' -H 'Authorization: Bearer t.o.k'"
            )
        );
    }

    #[test]
    fn the_body_to_paste_is_json() {
        let welcome = Welcome {
            base_url: "http://127.0.0.1:3000",
            place: "in memory",
            backend: &backend(),
            token: None,
            demo: Some(DEMO),
            now: OffsetDateTime::UNIX_EPOCH,
        };
        let command = welcome.create_command(&DEMO);
        let (_, body) = command.split_once("-d '").unwrap();
        let body: serde_json::Value = serde_json::from_str(body.trim_end_matches('\'')).unwrap();
        assert_eq!(
            body.get("account_id").and_then(|id| id.as_str()),
            Some("01900000-0000-7000-8000-000000000003")
        );
        assert!(!command.contains("Authorization"));
    }
}
