//! The HTTP server in front of the functions, with API Gateway's routes, limits and answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::StreamExt;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::authorizer::{Authorizer, Claims, TokenError};
use crate::cors::Cors;
use crate::disk::Disk;
use crate::event::Call;
use crate::reference::Reference;
use crate::registry::{Functions, Handler};
use crate::routes::{Match, Router, decode_path};
use crate::server::{self, HEAD_TIMEOUT};
use crate::template::Route;
use crate::{Error, clock};

/// The largest body, in bytes: API Gateway's quota of 10 MB. The functions check smaller limits
/// of their own.
pub const BODY_LIMIT_BYTES: usize = 10 * 1024 * 1024;

/// How much of a body that is too large is still read and thrown away, in bytes. A client that
/// sends a little too much then gets its answer instead of a broken connection.
const BODY_DRAIN_LIMIT_BYTES: usize = 2 * BODY_LIMIT_BYTES;

/// The largest request line and headers together, in bytes. API Gateway's quota is 10,240; a
/// little more is let through, so that the functions' own limits on a cursor or a key can be seen.
pub const HEAD_LIMIT_BYTES: usize = 16 * 1024;

/// How long requests in flight may take to finish after the stack was asked to stop: longer than
/// the timeout of the functions in the template.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(15);

/// How long connections may stay open after the last request has been answered: time to write the
/// answer out. A client that holds a connection without asking anything does not hold up the stop.
const DISCONNECT_LIMIT: Duration = Duration::from_millis(500);

/// A running gateway. Dropping it stops it as well, without waiting.
#[derive(Debug)]
pub struct Gateway {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    in_flight: watch::Receiver<usize>,
}

/// What a gateway does besides calling functions.
#[derive(Debug)]
pub struct Settings {
    /// Who checks the tokens. Without one every request is let through, and no function sees any
    /// claims.
    pub authorizer: Option<Arc<Authorizer>>,
    /// What answers the paths of the API reference.
    pub reference: Option<Reference>,
    /// What answers pages of other origins; without it they are answered like everybody.
    pub cors: Option<Cors>,
    /// The disk that is looked at after a function has failed.
    pub disk: Option<Arc<Disk>>,
    /// How long a client may take to send a request up to its body.
    pub head_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            authorizer: None,
            reference: None,
            cors: None,
            disk: None,
            head_timeout: HEAD_TIMEOUT,
        }
    }
}

/// Listens on this port of the loopback interface; 0 takes any free one.
///
/// # Errors
///
/// [`Error::Listen`] when the port is taken or not allowed.
pub async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

impl Gateway {
    /// Starts to answer the requests that come to this listener. Without an authorizer every
    /// request is let through, and no function sees any claims.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFunction`] when a route has no function, [`Error::Template`] when two routes
    /// collide, [`Error::Listen`] when the listener has no address.
    pub fn start(
        listener: TcpListener,
        routes: Vec<Route>,
        functions: &Functions,
        authorizer: Option<Arc<Authorizer>>,
    ) -> Result<Self, Error> {
        let settings = Settings { authorizer, ..Settings::default() };
        Self::start_with(listener, routes, functions, settings)
    }

    /// Starts like [`Gateway::start`], with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Gateway::start`].
    pub fn start_with(
        listener: TcpListener,
        routes: Vec<Route>,
        functions: &Functions,
        settings: Settings,
    ) -> Result<Self, Error> {
        let address = listener.local_addr().map_err(|source| Error::Listen {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            source,
        })?;
        let targets = routes.into_iter().map(|route| {
            let handler = functions.get(&route.package).ok_or_else(|| Error::UnknownFunction {
                route: route.pattern.to_string(),
                package: route.package.clone(),
            })?;
            let target = Target { handler: Arc::clone(handler), authorized: route.authorized };
            Ok((route.pattern, target))
        });
        let (started, in_flight) = watch::channel(0);
        let head_timeout = settings.head_timeout;
        let state = Arc::new(GatewayState {
            in_flight: started,
            router: Router::new(targets.collect::<Result<_, Error>>()?)?,
            settings,
            domain: address.to_string(),
        });
        let answer = move |request, source| answer(Arc::clone(&state), source, request);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server::serve(listener, head_timeout, answer, async {
            // The sender is dropped in order to stop, which is an error of the receiver.
            drop(stopped.await);
        }));
        Ok(Self { stop, served, in_flight })
    }

    /// Takes no more requests, lets those in flight finish, and returns when they have, or when
    /// they have taken too long.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] when the server had failed before.
    pub async fn shutdown(mut self) -> Result<(), Error> {
        drop(self.stop);
        let failed = |reason: String| Error::Server { server: "gateway", reason };
        let finished = self.in_flight.wait_for(|in_flight| *in_flight == 0);
        if tokio::time::timeout(SHUTDOWN_LIMIT, finished).await.is_err() {
            tracing::warn!("requests in flight did not finish in time");
        }
        match tokio::time::timeout(DISCONNECT_LIMIT, &mut self.served).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => {
                self.served.abort();
                Ok(())
            }
        }
    }
}

/// The state that every request needs.
struct GatewayState {
    router: Router<Target>,
    settings: Settings,
    domain: String,
    /// How many requests are in flight.
    in_flight: watch::Sender<usize>,
}

/// Counts one request as in flight until it is dropped.
struct InFlight(watch::Sender<usize>);

impl InFlight {
    fn start(in_flight: &watch::Sender<usize>) -> Self {
        in_flight.send_modify(|count| *count = count.saturating_add(1));
        Self(in_flight.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// The function of a route.
struct Target {
    handler: Handler,
    authorized: bool,
}

/// Why the gateway answers a request itself.
#[derive(Debug, Clone, Copy)]
enum GatewayRejection {
    NotFound,
    Unauthorized(TokenError),
    HeadTooLarge,
    BodyTooLarge,
    BodyUnreadable,
    FunctionFailed,
}

impl GatewayRejection {
    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyUnreadable => StatusCode::BAD_REQUEST,
            Self::FunctionFailed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::NotFound => r#"{"message":"Not Found"}"#,
            Self::Unauthorized(_) => r#"{"message":"Unauthorized"}"#,
            Self::HeadTooLarge => r#"{"message":"Request Header Fields Too Large"}"#,
            Self::BodyTooLarge => r#"{"message":"Request Entity Too Large"}"#,
            Self::BodyUnreadable => r#"{"message":"Bad Request"}"#,
            Self::FunctionFailed => r#"{"message":"Internal Server Error"}"#,
        }
    }

    fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status();
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if let Self::Unauthorized(error) = self {
            let challenge = HeaderValue::from_static(error.challenge());
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

async fn answer(state: Arc<GatewayState>, source: SocketAddr, request: Request) -> Response {
    #[expect(clippy::disallowed_methods, reason = "API Gateway gives every request a random id")]
    let request_id = Uuid::now_v7().to_string();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match state.handle(request, source, &request_id).await {
        Ok(response) => response,
        Err(rejection) => rejection.response(),
    };
    if let (Some(cors), Some(origin)) = (&state.settings.cors, &origin) {
        cors.complete(origin, response.headers_mut());
    }
    #[expect(clippy::expect_used, reason = "a UUID is printable ASCII")]
    let value = HeaderValue::from_str(&request_id).expect("a UUID is a header value");
    response.headers_mut().insert("apigw-requestid", value);
    response
}

impl GatewayState {
    /// Handles one request.
    async fn handle(
        &self,
        request: Request,
        source: SocketAddr,
        request_id: &str,
    ) -> Result<Response, GatewayRejection> {
        let _in_flight = InFlight::start(&self.in_flight);
        let received_at = clock::now();
        let (head, body) = request.into_parts();
        if head_bytes(&head) > HEAD_LIMIT_BYTES {
            return Err(GatewayRejection::HeadTooLarge);
        }
        let path = decode_path(head.uri.path());
        let cors = self.settings.cors.as_ref();
        if let Some(response) = cors.and_then(|cors| cors.preflight(&head)) {
            return Ok(response);
        }
        let reference = self.settings.reference.as_ref();
        if let Some(response) =
            reference.and_then(|reference| reference.answer(&head.method, &path))
        {
            return Ok(response);
        }
        let Match { pattern, target, path_parameters } =
            self.router.find(&head.method, &path).ok_or(GatewayRejection::NotFound)?;
        let claims = self.claims(target, &head.headers)?;
        let body = read_body(body).await?;
        let event = Call {
            head: &head,
            body: &body,
            path: &path,
            route_key: &pattern.to_string(),
            path_parameters: &path_parameters,
            claims: claims.as_ref(),
            source,
            domain: &self.domain,
            request_id,
            received_at,
        }
        .event();
        let in_flight = InFlight::start(&self.in_flight);
        let outcome = invoke(Arc::clone(&target.handler), event.to_string(), in_flight).await;
        if outcome.as_ref().is_ok_and(|response| response.status().is_server_error()) {
            self.look_at_the_disk();
        }
        outcome
    }

    /// Says on the log if the disk is full. The client does not wait for that.
    fn look_at_the_disk(&self) {
        if let Some(disk) = self.settings.disk.clone() {
            drop(tokio::task::spawn_blocking(move || disk.explain()));
        }
    }

    fn claims(
        &self,
        target: &Target,
        headers: &HeaderMap,
    ) -> Result<Option<Claims>, GatewayRejection> {
        let Some(authorizer) = self.settings.authorizer.as_ref().filter(|_| target.authorized)
        else {
            return Ok(None);
        };
        let values: Vec<_> = headers.get_all(header::AUTHORIZATION).iter().collect();
        let header = match values.as_slice() {
            [] => None,
            [value] => Some(value.to_str().map_err(|_| TokenError::Invalid)),
            // API Gateway refuses a request with several tokens.
            [_, ..] => Some(Err(TokenError::Invalid)),
        };
        header
            .transpose()
            .and_then(|header| authorizer.authorize(header, clock::now()))
            .map(Some)
            .map_err(GatewayRejection::Unauthorized)
    }
}

fn head_bytes(head: &Parts) -> usize {
    let line = head.method.as_str().len().saturating_add(head.uri.to_string().len());
    head.headers.iter().fold(line, |bytes, (name, value)| {
        bytes.saturating_add(name.as_str().len()).saturating_add(value.len())
    })
}

async fn read_body(body: Body) -> Result<Vec<u8>, GatewayRejection> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut seen_bytes: usize = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| GatewayRejection::BodyUnreadable)?;
        seen_bytes = seen_bytes.saturating_add(chunk.len());
        if seen_bytes <= BODY_LIMIT_BYTES {
            bytes.extend_from_slice(&chunk);
        } else if seen_bytes > BODY_DRAIN_LIMIT_BYTES {
            break;
        }
    }
    if seen_bytes > BODY_LIMIT_BYTES {
        return Err(GatewayRejection::BodyTooLarge);
    }
    Ok(bytes)
}

/// Runs the function on the event in a task of its own, as Lambda would. So a function that panics
/// fails only its own request, and a function whose client has disconnected still finishes.
async fn invoke(
    handler: Handler,
    event: String,
    in_flight: InFlight,
) -> Result<Response, GatewayRejection> {
    let run = tokio::spawn(async move {
        let _in_flight = in_flight;
        handler(event).await
    });
    match run.await {
        Ok(Ok(answer)) => {
            let mut response = answer.map(Body::new);
            // The length is that of the body that is sent, not the one that the function set.
            response.headers_mut().remove(header::CONTENT_LENGTH);
            Ok(response)
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the event does not parse");
            Err(GatewayRejection::FunctionFailed)
        }
        Err(error) => {
            tracing::error!(%error, "the function failed");
            Err(GatewayRejection::FunctionFailed)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use http::HeaderName;
    use lambda_http::RequestExt;
    use lambda_http::request::RequestContext;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::mpsc;

    use super::*;
    use crate::authorizer::{Grant, SECRET_BYTES};
    use crate::routes::Pattern;

    fn route(method: &str, path: &str, package: &str) -> Route {
        Route {
            pattern: Pattern::parse(method, path).unwrap(),
            package: package.to_owned(),
            authorized: true,
        }
    }

    fn routes() -> Vec<Route> {
        vec![
            route("GET", "/things/{id}", "echo"),
            route("POST", "/things/{id}", "echo"),
            route("GET", "/panic", "panic"),
            Route { pattern: Pattern::Default, package: "unknown".to_owned(), authorized: false },
        ]
    }

    fn respond(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: String,
    ) -> subledger_http::Response {
        let mut answer = subledger_http::Response::new(body.into());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }

    /// What the authorizer found.
    fn claim(request: &subledger_http::Request, name: &str) -> Option<String> {
        let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
            return None;
        };
        context.authorizer.as_ref()?.jwt.as_ref()?.claims.get(name).cloned()
    }

    /// Answers with the event that it got, so that a test sees what a function sees.
    async fn echo(request: subledger_http::Request) -> subledger_http::Response {
        let text = format!(
            "{} {:?} {:?} {}",
            request.method(),
            request.path_parameters().first("id"),
            claim(&request, "organization_id"),
            request.body().len(),
        );
        respond(201, &[("x-from", "echo"), ("content-length", "7")], text)
    }

    fn functions() -> Functions {
        Functions::default()
            .with("echo", echo)
            .with("panic", |_| async { panic!("on purpose") })
            .with("unknown", |request: subledger_http::Request| async move {
                let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref()
                else {
                    panic!("the gateway sends payload format 2.0");
                };
                respond(404, &[], format!("nobody, {}", context.authorizer.is_some()))
            })
    }

    struct Server {
        address: SocketAddr,
        gateway: Gateway,
    }

    async fn start(functions: &Functions, authorizer: Option<Authorizer>) -> Server {
        let (listener, address) = listen(0).await.unwrap();
        let gateway =
            Gateway::start(listener, routes(), functions, authorizer.map(Arc::new)).unwrap();
        Server { address, gateway }
    }

    impl Server {
        /// The status and the whole answer to these bytes on a connection of their own.
        async fn send(&self, request: &[u8]) -> (u16, String) {
            exchange(self.address, request).await
        }
    }

    async fn exchange(address: SocketAddr, request: &[u8]) -> (u16, String) {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.get(9..12).unwrap().parse().unwrap();
        (status, answer)
    }

    fn get(target: &str, headers: &str) -> Vec<u8> {
        format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}\r\n")
            .into_bytes()
    }

    fn post(body_bytes: usize) -> Vec<u8> {
        let mut request = format!(
            "POST /things/7 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {body_bytes}\r\n\r\n"
        )
        .into_bytes();
        request.extend(std::iter::repeat_n(b'x', body_bytes));
        request
    }

    #[tokio::test]
    async fn a_request_reaches_its_function_and_the_answer_its_client() {
        let server = start(&functions(), None).await;
        let (status, answer) = server.send(&get("/things/a%20b", "")).await;
        assert_eq!(status, 201);
        assert!(answer.contains("x-from: echo\r\n"), "{answer}");
        assert!(answer.contains("apigw-requestid: "), "{answer}");
        assert!(answer.ends_with("\r\n\r\nGET Some(\"a b\") None 0"), "{answer}");
    }

    #[tokio::test]
    async fn what_no_route_takes_reaches_the_default_function_without_claims() {
        let authorizer = Authorizer::new(&[7; SECRET_BYTES]);
        let server = start(&functions(), Some(authorizer)).await;
        for request in [
            get("/nowhere", ""),
            get("/things/7/more", "Authorization: Bearer nonsense\r\n"),
            get("//", ""),
            b"DELETE /things/7 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".to_vec(),
            b"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".to_vec(),
        ] {
            let (status, answer) = server.send(&request).await;
            assert_eq!(status, 404, "{answer}");
            assert!(answer.ends_with("nobody, false"), "{answer}");
        }
        let head = b"HEAD /things/7 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        let (status, answer) = server.send(head).await;
        assert_eq!(status, 404);
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[tokio::test]
    async fn a_token_opens_a_route_and_its_claims_reach_the_function() {
        let authorizer = Authorizer::new(&[7; SECRET_BYTES]);
        let grant = Grant {
            organization_id: Some(Uuid::from_u128(1)),
            ledger_id: None,
            scope: String::new(),
            expires_in_seconds: 60,
        };
        let token = authorizer.mint(&grant, clock::now()).unwrap();
        let server = start(&functions(), Some(authorizer)).await;
        let header = format!("authorization: bearer {token}\r\n");
        let (status, answer) = server.send(&get("/things/7", &header)).await;
        assert_eq!(status, 201);
        let claim = "Some(\"00000000-0000-0000-0000-000000000001\")";
        assert!(answer.contains(claim), "{answer}");
    }

    #[tokio::test]
    async fn a_request_without_a_good_token_stays_outside() {
        let authorizer = Authorizer::new(&[7; SECRET_BYTES]);
        let server = start(&functions(), Some(authorizer)).await;
        for (headers, challenge) in [
            ("", "www-authenticate: Bearer\r\n"),
            ("Authorization: Bearer x.y.z\r\n", "error=\"invalid_token\"\r\n"),
            ("Authorization: \u{e9}\r\n", "error=\"invalid_token\"\r\n"),
            ("Authorization: a\r\nAuthorization: b\r\n", "error=\"invalid_token\"\r\n"),
        ] {
            let (status, answer) = server.send(&get("/things/7", headers)).await;
            assert_eq!(status, 401);
            assert!(answer.contains(challenge), "{answer}");
            assert!(answer.ends_with(r#"{"message":"Unauthorized"}"#), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_function_that_panics_is_a_500_and_the_next_request_is_answered() {
        let server = start(&functions(), None).await;
        let (status, answer) = server.send(&get("/panic", "")).await;
        assert_eq!(status, 500);
        assert!(answer.ends_with(r#"{"message":"Internal Server Error"}"#), "{answer}");
        assert_eq!(server.send(&get("/things/7", "")).await.0, 201);
    }

    #[tokio::test]
    async fn sizes_over_the_limits_are_refused() {
        let server = start(&functions(), None).await;
        assert_eq!(server.send(&post(BODY_LIMIT_BYTES)).await.0, 201);
        let (status, answer) = server.send(&post(BODY_LIMIT_BYTES.saturating_add(1))).await;
        assert_eq!(status, 413);
        assert!(answer.ends_with(r#"{"message":"Request Entity Too Large"}"#), "{answer}");
        let cursor = format!("/things/7?cursor={}", "x".repeat(10_000));
        assert_eq!(server.send(&get(&cursor, "")).await.0, 201);
        let long = format!("X-Long: {}\r\n", "x".repeat(HEAD_LIMIT_BYTES));
        let (status, answer) = server.send(&get("/things/7", &long)).await;
        assert_eq!(status, 431);
        assert!(answer.ends_with(r#"{"message":"Request Header Fields Too Large"}"#), "{answer}");
    }

    #[tokio::test]
    async fn nothing_a_client_writes_into_a_request_is_a_server_error() {
        let server = start(&functions(), None).await;
        for request in [
            get("/things/%3F%23%5C%00%0A%FF%2E%2E%2F", ""),
            get("/%", ""),
            get("/things/[|^`{}\"<>", ""),
            get("/things/7?a=%zz&&=&b[]=%00&c=\u{e9}", ""),
            get("http://[::1]:x/things/7", ""),
            get("https://else.where:99999/things/7", ""),
            get("/things/7", "X-Forwarded-Proto: a b\r\nX-Forwarded-Host: :::\r\n"),
            get("/things/7", "Cookie: \u{fe}=;;; =\r\nContent-Type: \u{fe}\r\n"),
            get(&format!("/things/{}", "{".repeat(16_000)), ""),
            b"GET /things/7 HTTP/1.1\r\nHost: a b:99999/[\r\nConnection: close\r\n\r\n".to_vec(),
            b"GET /things/7 HTTP/1.0\r\n\r\n".to_vec(),
            b"BREW /things/7 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".to_vec(),
            b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".to_vec(),
            b"POST /things/7 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"
                .to_vec(),
            b"nonsense\r\n\r\n".to_vec(),
        ] {
            let (status, answer) = server.send(&request).await;
            let sent = String::from_utf8_lossy(&request).into_owned();
            assert!(status < 500, "{sent} {answer}");
        }
    }

    #[tokio::test]
    async fn a_request_in_flight_finishes_when_the_gateway_stops() {
        let (entered, mut has_entered) = mpsc::channel::<()>(1);
        let (leave, may_leave) = watch::channel(false);
        let functions = functions().with("echo", move |_| {
            let (entered, mut may_leave) = (entered.clone(), may_leave.clone());
            async move {
                entered.send(()).await.unwrap();
                may_leave.wait_for(|may| *may).await.unwrap();
                respond(200, &[], "late".to_owned())
            }
        });
        let server = start(&functions, None).await;
        let address = server.address;
        let answer = tokio::spawn(async move { exchange(address, &get("/things/7", "")).await });
        has_entered.recv().await.unwrap();
        let started = Instant::now();
        let stopping = tokio::spawn(server.gateway.shutdown());
        // A new connection is refused as soon as the gateway has begun to stop.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        leave.send(true).unwrap();
        assert!(answer.await.unwrap().1.ends_with("late"));
        stopping.await.unwrap().unwrap();
        assert!(started.elapsed() < SHUTDOWN_LIMIT);
    }

    #[tokio::test]
    async fn a_client_that_asks_nothing_does_not_hold_up_the_stop() {
        let server = start(&functions(), None).await;
        let _silent = TcpStream::connect(server.address).await.unwrap();
        let mut halfway = TcpStream::connect(server.address).await.unwrap();
        halfway.write_all(b"GET /things/7 HT").await.unwrap();
        assert_eq!(server.send(&get("/things/7", "")).await.0, 201);
        let started = Instant::now();
        server.gateway.shutdown().await.unwrap();
        assert!(started.elapsed() < SHUTDOWN_LIMIT);
    }

    #[tokio::test]
    async fn a_client_that_does_not_finish_its_headers_is_cut_off() {
        let (listener, address) = listen(0).await.unwrap();
        let head_timeout = Duration::from_millis(50);
        let settings = Settings { head_timeout, ..Settings::default() };
        let gateway = Gateway::start_with(listener, routes(), &functions(), settings).unwrap();
        for sent in ["", "GET /things/7 HTTP/1.1\r\n", "GET /things/7 HTTP/1.1\r\nHost: h\r\nX: "] {
            let mut connection = TcpStream::connect(address).await.unwrap();
            connection.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            connection.read_to_end(&mut answer).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&answer), "", "{sent}");
        }
        assert_eq!(exchange(address, &get("/things/7", "")).await.0, 201);
        gateway.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_refused() {
        let (_listener, address) = listen(0).await.unwrap();
        let error = listen(address.port()).await.unwrap_err();
        assert!(matches!(error, Error::Listen { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_route_to_no_function_is_refused() {
        let (listener, _) = listen(0).await.unwrap();
        let routes = vec![route("GET", "/a", "missing")];
        let error = Gateway::start(listener, routes, &functions(), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "template.yaml routes GET /a to the function missing, which is not part of this build"
        );
    }
}
