//! The HTTP/1.1 server of the gateway: it takes connections and gives their requests on.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

/// How long a client may take to send the line and the headers of a request, and how long a
/// connection may be idle. What takes longer loses its connection, so that clients that send
/// nothing do not use up the connections of this machine.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves until it is asked to stop, and then until every connection has got its answer.
pub(crate) async fn serve<A>(
    mut listener: TcpListener,
    head_timeout: Duration,
    answer: impl Fn(Request, SocketAddr) -> A + Clone + Send + 'static,
    stopped: impl Future<Output = ()>,
) where
    A: Future<Output = Response> + Send + 'static,
{
    let connections = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    loop {
        let (stream, source) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stopped => break,
        };
        let answer = answer.clone();
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let answered = answer(request.map(axum::body::Body::new), source);
            async { Ok::<_, Infallible>(answered.await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}
