//! What pages of other origins may do, by the rules of browsers for requests across origins.

use subledger_tests::{Answer, Request, World};

/// A page that the machine of the local stack serves itself.
const LOCAL: &str = "http://localhost:5173";
const OTHER: &str = "https://app.example.com";

/// What a browser asks before a page of this origin posts JSON with a token.
fn preflight(target: &str, origin: &str) -> Request {
    Request::new("OPTIONS", target)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
}

/// The names of the headers that allow something.
fn allowing(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(http::HeaderName::as_str);
    let mut names: Vec<&str> = names.filter(|name| name.starts_with("access-control-")).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_preflight_needs_no_token_and_allows_pages_of_this_machine() {
    let world = World::over_http().await;
    let anonymous = world.anonymous();
    for target in ["/v0/subledger_balances", "/v1/organizations", "/v1/unknown", "/"] {
        for origin in [LOCAL, "http://127.0.0.1:8080", "https://localhost", "http://[::1]:1"] {
            let answer = anonymous.send(preflight(target, origin)).await;
            assert_eq!((answer.status, &*answer.text), (204, ""), "{target} {origin}");
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD,POST,PATCH,DELETE");
            assert_eq!(
                answer.header("access-control-allow-headers"),
                "authorization,content-encoding,content-type,idempotency-key,x-idempotency,x-request-id"
            );
            assert_eq!(answer.header("access-control-max-age"), "7200");
        }
        for origin in [OTHER, "null", "http://localhost.example.com"] {
            let answer = anonymous.send(preflight(target, origin)).await;
            assert_eq!((answer.status, &*answer.text), (204, ""), "{target} {origin}");
            assert_eq!(allowing(&answer), [""; 0], "{target} {origin}");
        }
    }
}

#[tokio::test]
async fn every_answer_says_whether_the_page_may_read_it() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let (client, anonymous) = (&tenant.client, world.anonymous());
    for (client, target, status) in [
        (client, tenant.at("/balances"), 200),
        (client, tenant.at("/balances/abc"), 400),
        (client, "/v0/accounts/abc".to_owned(), 400),
        (client, "/v1/unknown".to_owned(), 404),
        (&anonymous, tenant.at("/balances"), 401),
    ] {
        let ask = async |origin| client.send(Request::get(&target).header("Origin", origin)).await;
        let answer = ask(LOCAL).await;
        assert_eq!(answer.status, status, "{target}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), LOCAL, "{target}");
        assert_eq!(answer.header("access-control-expose-headers"), "*", "{target}");
        assert!(answer.headers.get_all("vary").iter().any(|name| name == "origin"), "{target}");
        let other = ask(OTHER).await;
        assert_eq!(other.status, status, "{target}");
        assert_eq!(allowing(&other), [""; 0], "{target}");
        let program = client.get(&target).await;
        assert_eq!(program.status, status, "{target}");
        assert_eq!(allowing(&program), [""; 0], "{target}");
    }
}

#[tokio::test]
async fn a_function_answers_a_preflight_and_allows_nothing_by_itself() {
    let world = World::on_lambda().await;
    let anonymous = world.anonymous();
    for (target, code) in [("/v0/accounts", "method_not_allowed"), ("/v1/organizations", "0485")] {
        let answer = anonymous.send(preflight(target, OTHER)).await;
        assert_eq!((answer.status, &*answer.text), (204, ""), "{target}");
        assert_eq!(allowing(&answer), [""; 0], "{target}");
        // What no page has sent is a method that the path does not have.
        let program = Request::new("OPTIONS", target);
        assert_eq!(anonymous.send(program).await.refused(405, code)["code"], code);
    }
}
