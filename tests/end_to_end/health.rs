//! What monitors ask.

use serde_json::json;
use subledger_tests::{Request, World, in_both_worlds, masked};

in_both_worlds! {
    a_monitor_needs_no_token,
    health_takes_nothing_and_has_one_method,
}

async fn a_monitor_needs_no_token(world: World) {
    for client in [world.anonymous(), world.operator()] {
        let health = client.get("/health").await;
        assert_eq!((health.status, health.text.as_str()), (200, "healthy"));
        assert_eq!(health.header("content-type"), "text/plain; charset=utf-8");
        let version = client.get("/version").await.json(200);
        let expected = json!({ "version": env!("CARGO_PKG_VERSION"), "requestDate": "<moment>" });
        assert_eq!(masked(&version), expected);
        let ready = client.get("/readyz").await.json(200);
        let expected = json!({
            "status": "healthy", "checks": { "dynamodb": { "status": "up" } },
            "version": env!("CARGO_PKG_VERSION"),
        });
        assert_eq!(ready, expected);
    }
}

async fn health_takes_nothing_and_has_one_method(world: World) {
    let anonymous = world.anonymous();
    for path in ["/health", "/version", "/readyz"] {
        anonymous.send(Request::new("POST", path)).await.refused(405, "0485");
        anonymous.get(&format!("{path}?verbose=1")).await.refused(400, "0082");
    }
}
