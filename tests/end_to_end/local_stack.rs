//! The local stack as a user starts it: `subledger-local`, which is `cargo run`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use subledger_local::engine::{Engine, Place};
use subledger_local::template::Template;
use subledger_tests::{LocalProcess, Random, Request, TestTable, World, local_binary, now};

/// What a stack with nothing on the disk is started with.
const IN_MEMORY: [&str; 5] = ["--memory", "--auth", "none", "--port", "0"];

fn directory() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data").to_str().unwrap().to_owned();
    (directory, path)
}

#[tokio::test]
async fn the_printed_commands_work() {
    for arguments in [&IN_MEMORY[..], &["--memory", "--port", "0"]] {
        let stack = LocalProcess::start(arguments).await;
        assert!(stack.welcome.starts_with("subledger "), "{}", stack.welcome);
        assert!(stack.welcome.lines().next().unwrap().ends_with(": starting"), "{}", stack.welcome);
        let [create, list, history] = &*stack.commands() else { panic!("{}", stack.welcome) };
        let created = stack.curl(create).await.json(200);
        assert_eq!(created["client_subledger_balance_name"], "Demo credit line");
        let listed = stack.curl(list).await.json(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        // What the account held when the stack started is what it was born with.
        let history = stack.curl(history).await.json(200);
        assert_eq!(history.as_array().unwrap().len(), 1);
        assert_eq!(history[0]["key"], "default");
        // Pasting the first command again changes nothing.
        assert_eq!(stack.curl(create).await.json(200), created);
        assert_eq!(stack.curl(list).await.json(200), listed);
    }
}

#[tokio::test]
async fn a_signal_stops_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let stack = LocalProcess::start(&IN_MEMORY).await;
        let (rest, status) = stack.stop(signal).await;
        assert_eq!((rest.trim(), status), ("stopping\nstopped", Some(0)), "{signal}");
    }
}

#[tokio::test]
async fn a_write_that_comes_second_is_counted_and_not_logged() {
    let (guard, _) = directory();
    let log = guard.path().join("log");
    let mut command = Command::new(local_binary().await);
    command.args(IN_MEMORY).stderr(std::fs::File::create(&log).unwrap());
    let stack = LocalProcess::start_from(command).await;
    let [create, ..] = &*stack.commands() else { panic!("{}", stack.welcome) };
    let created = stack.curl(create).await.json(200);
    // Its idempotency key leads to what is there.
    for _ in 0..3 {
        assert_eq!(stack.curl(create).await.json(200), created);
    }
    let (rest, status) = stack.stop("-TERM").await;
    let counted = "stopping\nconflicting or repeated writes that wrote nothing: 3\nstopped";
    assert_eq!((rest.trim(), status), (counted, Some(0)));
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "");
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_said_in_words_on_the_log_and_not_to_the_client() {
    let (guard, path) = directory();
    let log = guard.path().join("log");
    // No file may grow beyond some 512 kB, and who tries gets an error instead of a signal.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\""]);
    command.arg(local_binary().await);
    command.args(["--port", "0", "--auth", "none", "--data-dir", &path]);
    command.stderr(std::fs::File::create(&log).unwrap());
    let stack = LocalProcess::start_from(command).await;
    let target = at(&stack, &format!("/accounts/{}/balances", stack.named("accounts")));
    let mut opened = Vec::new();
    let refused = loop {
        let body = json!({ "key": format!("k{}", opened.len()) });
        let answer = stack.try_send(&Request::post(&target, &body)).await.unwrap();
        if answer.status != 201 {
            break answer;
        }
        opened.push(answer.json(201));
        assert!(opened.len() < 2_000);
    };
    let refusal = refused.refused(503, "0046").to_string();
    assert!(!refusal.contains(&path) && !refusal.contains("disk"), "{refusal}");
    // The log is written while the client already has its answer, but before the end.
    stack.stop("-TERM").await;
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains(&format!("the disk of {path} is full (")), "{said}");
    assert_eq!(said.matches("is full").count(), 1, "{said}");
    // What was answered is there once there is room.
    let start = ["--port", "0", "--auth", "none", "--data-dir", &path];
    let stack = LocalProcess::start(&start).await;
    for balance in &opened {
        let target = at(&stack, &format!("/balances/{}", balance["id"].as_str().unwrap()));
        assert_eq!(stack.try_send(&Request::get(&target)).await.unwrap().json(200), *balance);
    }
    stack.stop("-TERM").await;
}

/// Checks that a start failed with this status and with one line on standard error that says why.
#[track_caller]
fn failed(output: &Output, status: i32, why: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("subledger: "), "{error}");
    for part in why {
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn what_is_in_the_way_is_said_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    failed(&LocalProcess::run(&["--memory", "--port", &port]).await, 1, &[&port]);
}

#[tokio::test]
async fn a_usage_error_is_explained_on_standard_error() {
    for (arguments, why) in [
        (&["--prot", "1"][..], "--prot"),
        (&["--memory", "--port", "x"], "'x'"),
        (&["--memory", "--data-dir", "d"], "--data-dir"),
        (&["--auth", "basic"], "basic"),
        (&["serve"], "serve"),
        (&["token"], "--scope"),
        (&["token", "--scope", "asset/read", "--organisation", "x"], "--organisation"),
        (&["audit", "--data", "x"], "--data"),
    ] {
        let output = LocalProcess::run(arguments).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{error}");
        assert!(error.contains(why) && error.contains("--help"), "{error}");
    }
}

#[tokio::test]
async fn a_scope_that_does_not_exist_is_refused_with_those_that_do() {
    let scopes = "account/read, account/read_write, asset/read, asset/read_write, ";
    for (scope, why) in [
        ("nonsense", "there is no scope nonsense; the scopes are "),
        ("asset/read accounts/read", "there is no scope accounts/read; the scopes are "),
        ("asset/read,account/read", "there is no scope asset/read,account/read; the scopes are "),
        ("Asset/read", "there is no scope Asset/read; the scopes are "),
        ("asset", "there is no scope asset; the scopes are "),
        (" ", "it has no scope; the scopes are "),
    ] {
        let output = LocalProcess::run(&["token", "--scope", scope]).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{error}");
        let said = error.contains("--scope <SCOPES>") && error.contains(&format!("{why}{scopes}"));
        assert!(said, "{error}");
    }
}

#[tokio::test]
async fn help_and_version_are_printed_on_standard_output() {
    for (arguments, said) in [
        (&["--help"][..], "--endpoint-url"),
        (&["-h"], "--endpoint-url"),
        (&["token", "--help"], "--expires-in"),
        (&["token", "--help"], "subledger_balance/read_write, transaction/read"),
        (&["audit", "--help"], "--read-units-per-second"),
        (&["--version"], "subledger-local 0.1.0"),
    ] {
        let output = LocalProcess::run(arguments).await;
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]), "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test]
async fn the_api_reference_needs_no_token() {
    let stack = LocalProcess::start(&["--memory", "--port", "0"]).await;
    let page = stack.named("reference");
    assert!(page.starts_with("http://127.0.0.1:") && page.ends_with('/'), "{page}");
    for path in ["/", "/swagger-ui-bundle.js", "/swagger-initializer.js", "/swagger-ui.css"] {
        let answer = stack.try_send(&Request::get(path)).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
    }
    for (path, title) in
        [("/openapi/v0.json", "subledger v0"), ("/openapi/v1.json", "subledger v1")]
    {
        let document = stack.try_send(&Request::get(path)).await.unwrap().json(200);
        assert_eq!(document["info"]["title"], title);
        assert_eq!(document["servers"], json!([{ "url": "/" }]));
    }
}

#[tokio::test]
async fn data_that_cannot_be_read_is_said_in_one_line() {
    let (guard, path) = directory();
    std::fs::create_dir(&path).unwrap();
    let database = format!("{path}/subledger.db");
    std::fs::write(&database, "this is no database").unwrap();
    let start = ["--port", "0", "--data-dir", &path];
    failed(&LocalProcess::run(&start).await, 1, &["subledger.db"]);
    assert_eq!(std::fs::read(&database).unwrap(), b"this is no database");

    // It begins like a database, and then is none.
    let mut damaged = b"SQLite format 3\0".to_vec();
    damaged.extend([0xaa; 8_000]);
    std::fs::write(&database, damaged).unwrap();
    failed(&LocalProcess::run(&start).await, 1, &["subledger.db"]);

    // It has lost its data, which is not the same as having none. An audit says so as well.
    std::fs::write(&database, "").unwrap();
    let why = ["subledger.db has 0 bytes", "put a backup in its place, or remove it"];
    failed(&LocalProcess::run(&start).await, 1, &why);
    failed(&LocalProcess::run(&["audit", "--data-dir", &path]).await, 1, &why);
    assert_eq!(std::fs::read(&database).unwrap(), b"");

    std::fs::remove_file(&database).unwrap();
    std::fs::create_dir(&database).unwrap();
    failed(&LocalProcess::run(&start).await, 1, &["subledger.db"]);

    std::fs::remove_dir(&database).unwrap();
    std::fs::write(format!("{path}/token-secret"), "short").unwrap();
    failed(&LocalProcess::run(&start).await, 1, &["token-secret"]);

    let file = guard.path().join("file");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    failed(&LocalProcess::run(&["--port", "0", "--data-dir", file]).await, 1, &[file]);
}

#[tokio::test]
async fn a_data_directory_belongs_to_one_stack_at_a_time() {
    let (_guard, path) = directory();
    let start = ["--port", "0", "--data-dir", &path];
    let first = LocalProcess::start(&start).await;
    failed(&LocalProcess::run(&start).await, 1, &[&path]);
    let [create, ..] = &*first.commands() else { panic!("{}", first.welcome) };
    first.curl(create).await.json(200);
    first.stop("-TERM").await;
    LocalProcess::start(&start).await.stop("-TERM").await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_the_data() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    let (_guard, path) = directory();
    let start = ["--port", "0", "--data-dir", &path];
    let modes = || {
        let files = std::fs::read_dir(&path).unwrap().map(Result::unwrap);
        let named = files.map(|it| (it.file_name().into_string().unwrap(), it.metadata().unwrap()));
        let held = named.filter(|(name, _)| name != "lock");
        held.map(|(name, it)| (name, it.permissions().mode() & 0o777)).collect::<BTreeMap<_, _>>()
    };
    let private = ["subledger.db", "subledger.db-shm", "subledger.db-wal", "token-secret"];
    let private = private.map(|name| (name.to_owned(), 0o600));
    let stack = LocalProcess::start(&start).await;
    assert_eq!(modes(), BTreeMap::from(private.clone()));
    stack.stop("-TERM").await;
    // A directory that was made before.
    let database = format!("{path}/subledger.db");
    std::fs::set_permissions(&database, Permissions::from_mode(0o644)).unwrap();
    let stack = LocalProcess::start(&start).await;
    assert_eq!(modes(), BTreeMap::from(private));
    stack.stop("-TERM").await;
}

#[tokio::test]
async fn data_and_tokens_survive_a_restart() {
    let (_guard, path) = directory();
    let start = ["--port", "0", "--data-dir", &path];
    let stack = LocalProcess::start(&start).await;
    let [create, list, _] = &*stack.commands() else { panic!("{}", stack.welcome) };
    let created = stack.curl(create).await.json(200);
    let listed = stack.curl(list).await.json(200);
    stack.stop("-TERM").await;

    let stack = LocalProcess::start(&start).await;
    // The old commands with their old token, at the new port.
    assert_eq!(stack.curl(create).await.json(200), created);
    assert_eq!(stack.curl(list).await.json(200), listed);

    let target = format!(
        "/v1/organizations/{}/ledgers/{}/balances",
        stack.named("organization"),
        stack.named("ledger")
    );
    let token = async |expires_in: &str| {
        let minted = LocalProcess::run(&[
            "token",
            "--data-dir",
            &path,
            "--organization",
            &stack.named("organization"),
            "--scope",
            "subledger_balance/read",
            "--expires-in",
            expires_in,
        ])
        .await;
        assert!(minted.status.success());
        String::from_utf8(minted.stdout).unwrap().trim().to_owned()
    };
    for (expires_in, status) in [("60", 200), ("-60", 401)] {
        let bearer = format!("Bearer {}", token(expires_in).await);
        let answer = stack.try_send(&Request::get(&target).header("Authorization", &bearer)).await;
        assert_eq!(answer.unwrap().status, status, "{expires_in}");
    }
    let unauthorized = stack.try_send(&Request::get(&target)).await.unwrap();
    assert_eq!(unauthorized.json(401), json!({ "message": "Unauthorized" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill_in_the_middle_of_writes() {
    let (_guard, path) = directory();
    let start = ["--port", "0", "--auth", "none", "--data-dir", &path];
    let mut random = Random::new();
    let seed = random.seed;
    let mut answered: BTreeMap<String, Value> = BTreeMap::new();
    // Each round kills the stack at another moment of its writes.
    for round in 0..3 {
        let mut stack = LocalProcess::start(&start).await;
        let enough = usize::try_from(10 + random.below(60)).unwrap();
        let created = create_until_killed(&mut stack, round, enough).await;
        assert!(created.len() >= enough, "seed {seed}: {} of {enough}", created.len());
        answered.extend(created);

        let stack = LocalProcess::start(&start).await;
        check_all(&stack, &answered, seed).await;
        stack.stop("-TERM").await;
    }
}

/// A v1 path below the demo ledger.
fn at(stack: &LocalProcess, rest: &str) -> String {
    let (organization, ledger) = (stack.named("organization"), stack.named("ledger"));
    format!("/v1/organizations/{organization}/ledgers/{ledger}{rest}")
}

/// Opens balances from four clients at once and kills the stack once so many were answered. Gives
/// the answers by id.
async fn create_until_killed(
    stack: &mut LocalProcess,
    round: usize,
    enough: usize,
) -> BTreeMap<String, Value> {
    let count = Arc::new(AtomicUsize::new(0));
    let target = at(stack, &format!("/accounts/{}/balances", stack.named("accounts")));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (stack, count, target) = (stack.client(), Arc::clone(&count), target.clone());
            tokio::spawn(async move {
                let mut created = Vec::new();
                for number in 0.. {
                    let key = format!("{round}-{client}-{number}");
                    // The first half of the clients opens an overdraft balance with each.
                    let settings =
                        if client < 2 { json!({ "allowOverdraft": true }) } else { json!(null) };
                    let body = json!({ "key": key, "settings": settings });
                    match stack.try_send(&Request::post(&target, &body)).await {
                        Ok(answer) => created.push(answer.json(201)),
                        Err(_) => break,
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                }
                created
            })
        })
        .collect();
    while count.load(Ordering::Relaxed) < enough {
        tokio::task::yield_now().await;
    }
    stack.kill();
    let mut all = BTreeMap::new();
    for client in clients {
        let created = client.await.unwrap().into_iter();
        all.extend(created.map(|body| (body["id"].as_str().unwrap().to_owned(), body)));
    }
    all
}

/// Checks that everything that was acknowledged is stored, and everything stored is consistent.
async fn check_all(stack: &LocalProcess, answered: &BTreeMap<String, Value>, seed: u64) {
    let get = async |target: &str| stack.try_send(&Request::get(target)).await.unwrap().json(200);
    let list_all = async |list: &str| {
        let mut items = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = get(&format!("{list}?limit=100&cursor={cursor}")).await;
            for item in page["items"].as_array().unwrap() {
                items.insert(item["id"].as_str().unwrap().to_owned(), item.clone());
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return items,
            }
        }
    };
    let account = stack.named("accounts");
    let of_ledger = list_all(&at(stack, "/balances")).await;
    let of_account = list_all(&at(stack, &format!("/accounts/{account}/balances"))).await;
    for (id, body) in answered {
        assert_eq!(of_ledger.get(id), Some(body), "seed {seed}");
        assert_eq!(of_account.get(id), Some(body), "seed {seed}");
    }
    // A request that was not answered was written as a whole, or not at all.
    let outside: Vec<_> = of_ledger.keys().filter(|id| !of_account.contains_key(*id)).collect();
    assert_eq!(
        outside.len(),
        2,
        "seed {seed}: the other accounts of the demo have one balance each"
    );
    assert!(of_account.keys().all(|id| of_ledger.contains_key(id)), "seed {seed}");
    let history =
        get(&at(stack, &format!("/accounts/{account}/balances/history?date={}", now()))).await;
    let history: Vec<_> =
        history.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(history.len(), of_account.len(), "seed {seed}");
    for (id, body) in &of_account {
        assert_eq!(&get(&at(stack, &format!("/balances/{id}"))).await, body, "seed {seed}");
        let versions = get(&at(stack, &format!("/balances/{id}/versions"))).await;
        assert_eq!(versions["items"], json!([body]), "seed {seed}");
        assert!(history.contains(&id.as_str()), "seed {seed}");
    }
}

/// The environment variables that select a table on an engine that accepts any credentials.
fn local(table: &str) -> [(&str, &str); 4] {
    [
        ("TABLE_NAME", table),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]
}

#[tokio::test]
async fn an_empty_table_elsewhere_gets_the_demo_data() {
    let (_guard, path) = directory();
    let table = Template::embedded().unwrap().table;
    let engine = Engine::start(Place::Memory, "books", &table).await.unwrap();
    let start = ["--port", "0", "--data-dir", &path, "--endpoint-url", engine.endpoint_url()];
    let stack = LocalProcess::start_with(&local("books"), &start).await;
    assert!(stack.welcome.contains(", table books\n"), "{}", stack.welcome);
    let [create, ..] = &*stack.commands() else { panic!("{}", stack.welcome) };
    stack.curl(create).await.json(200);
    stack.stop("-TERM").await;

    // Another organization may be created beside the demo data.
    let open = [&start[..], &["--auth", "none"]].concat();
    let stack = LocalProcess::start_with(&local("books"), &open).await;
    let another = json!({ "legalName": "Acme Bank", "legalDocument": "12-3456789" });
    stack.try_send(&Request::post("/v1/organizations", &another)).await.unwrap().json(201);
    stack.stop("-TERM").await;
    let stack = LocalProcess::start_with(&local("books"), &open).await;
    assert_eq!(stack.commands().len(), 3, "{}", stack.welcome);
    stack.stop("-TERM").await;

    let nowhere = LocalProcess::run_with(&local("nowhere"), &start).await;
    failed(&nowhere, 1, &["ResourceNotFoundException"]);
}

#[tokio::test]
async fn a_table_of_others_is_served_and_left_as_it_is() {
    let (_guard, path) = directory();
    let (world, _) = World::counted().await;
    let body = json!({ "legalName": "Acme Bank", "legalDocument": "12-3456789" });
    let created = world.operator().post("/v1/organizations", &body).await.json(201);
    let items = world.items().await;
    let variables = local(&world.table.backend.table_name);
    let url = world.table.backend.endpoint_url.as_str();
    let start = ["--port", "0", "--data-dir", &path, "--endpoint-url", url];

    let stack = LocalProcess::start_with(&variables, &start).await;
    assert!(stack.commands().is_empty(), "{}", stack.welcome);
    let bearer = format!("Bearer {}", stack.named("token"));
    let list = Request::get("/v1/organizations").header("Authorization", &bearer);
    let listed = stack.try_send(&list).await.unwrap().json(200);
    assert_eq!(listed["items"], json!([created]));
    stack.stop("-TERM").await;

    let open = [&start[..], &["--auth", "none"]].concat();
    let refused = LocalProcess::run_with(&variables, &open).await;
    failed(&refused, 1, &["no demo ledger", "--auth none"]);
    assert_eq!(world.items().await, items);
}

#[tokio::test]
async fn an_audit_says_what_is_wrong_while_the_stack_runs_and_after_it() {
    let (_guard, path) = directory();
    let stack = LocalProcess::start(&["--port", "0", "--data-dir", &path]).await;
    let [create, ..] = &*stack.commands() else { panic!("{}", stack.welcome) };
    stack.curl(create).await.json(200);
    let engine = stack.named("DynamoDB").trim_end_matches(',').to_owned();
    let online = ["audit", "--endpoint-url", &engine];
    let offline = ["audit", "--data-dir", &path];

    let clean = LocalProcess::run_with(&local("subledger"), &online).await;
    let said = String::from_utf8_lossy(&clean.stdout);
    assert_eq!(clean.status.code(), Some(0), "{said}");
    assert!(
        said.starts_with("audited 32 items: 3 accounts, ")
            && said.ends_with("\nnothing is wrong\n"),
        "{said}"
    );
    failed(&LocalProcess::run(&offline).await, 1, &[&path]);

    let table = TestTable::at(&engine, "subledger");
    let item = json!({ "pk": { "S": "SESSION" }, "sk": { "S": "1" } });
    table.ask("PutItem", &json!({ "Item": item })).await;
    let damaged = LocalProcess::run_with(&local("subledger"), &online).await;
    stack.stop("-TERM").await;
    for output in [damaged, LocalProcess::run(&offline).await] {
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("SESSION 1: no item of this product has such a key\n"), "{said}");
        assert!(said.ends_with("\n1 finding\n"), "{said}");
    }
}

#[tokio::test]
async fn an_audit_of_an_empty_or_another_table_is_a_finding() {
    let table = Template::embedded().unwrap().table;
    let engine = Engine::start(Place::Memory, "books", &table).await.unwrap();
    let audit = ["audit", "--endpoint-url", engine.endpoint_url()];
    let empty = LocalProcess::run_with(&local("books"), &audit).await;
    assert_eq!(empty.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&empty.stdout),
        "books: the table is empty: no stack has written to it\naudited 0 items\n1 finding\n"
    );
    // There is no such table.
    let missing = LocalProcess::run_with(&local("nowhere"), &audit).await;
    failed(&missing, 1, &["ResourceNotFoundException"]);

    // A table of another program, with other keys.
    let mut other = table;
    other.key_schema.truncate(1);
    other.attribute_definitions.truncate(1);
    let engine = Engine::start(Place::Memory, "sessions", &other).await.unwrap();
    let sessions = TestTable::at(engine.endpoint_url(), "sessions");
    sessions.ask("PutItem", &json!({ "Item": { "pk": { "S": "SESSION" } } })).await;
    let audit = ["audit", "--endpoint-url", engine.endpoint_url()];
    let wrong = LocalProcess::run_with(&local("sessions"), &audit).await;
    let said = String::from_utf8_lossy(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(1), "{said}");
    assert!(said.contains("no item of this product has such a key"), "{said}");
    assert!(said.ends_with("\n1 finding\n"), "{said}");
}

#[tokio::test]
async fn a_token_for_no_stack_makes_nothing() {
    let (_guard, path) = directory();
    let token = ["token", "--scope", "account/read", "--data-dir", &path];
    failed(&LocalProcess::run(&token).await, 1, &[&path]);
    assert!(!std::path::Path::new(&path).exists());
}

#[tokio::test]
async fn an_audit_of_nothing_makes_nothing() {
    let (_guard, path) = directory();
    let nowhere = format!("{path}/nowhere");
    failed(&LocalProcess::run(&["audit", "--data-dir", &nowhere]).await, 1, &[&nowhere]);
    assert!(!std::path::Path::new(&path).exists());
    std::fs::create_dir(&path).unwrap();
    failed(&LocalProcess::run(&["audit", "--data-dir", &path]).await, 1, &[&path]);
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
}
