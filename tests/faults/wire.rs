//! The part of HTTP that DynamoDB needs, on connections that may be closed at any moment.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection of a function.
pub(crate) type Connection = BufReader<TcpStream>;

/// A request to DynamoDB.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The action, for example `GetItem`.
    pub(crate) action: String,
    /// The body.
    pub(crate) body: Value,
}

/// The next request; `None` once the connection is closed.
pub(crate) async fn read(connection: &mut Connection) -> Option<Asked> {
    let mut action = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        if name.eq_ignore_ascii_case("x-amz-target") {
            action = value.rsplit('.').next()?.trim().to_owned();
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.ok()?;
    Some(Asked { action, body: serde_json::from_slice(&body).ok()? })
}

/// Sends an answer, and says whether that succeeded: the receiver may have closed the connection.
pub(crate) async fn answer(connection: &mut Connection, status: u16, body: &Value) -> bool {
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status} Answer\r\nContent-Type: application/x-amz-json-1.0\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(answer.as_bytes()).await.is_ok()
}
