//! The part of HTTP that DynamoDB needs, on connections that may be closed at any moment.

use serde_json::Value;
use time::OffsetDateTime;
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
/// `date` is the time at DynamoDB, in microseconds since 1970.
pub(crate) async fn answer(
    connection: &mut Connection,
    status: u16,
    body: &Value,
    date: i64,
) -> bool {
    let body = body.to_string();
    let date = http_date(date);
    let answer = format!(
        "HTTP/1.1 {status} Answer\r\nContent-Type: application/x-amz-json-1.0\r\n\
         Date: {date}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(answer.as_bytes()).await.is_ok()
}

/// A moment in microseconds since 1970 as headers spell it, such as `Thu, 01 Jan 2026 00:00:00 GMT`.
fn http_date(micros: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)).unwrap();
    format!(
        "{:.3}, {:02} {:.3} {} {:02}:{:02}:{:02} GMT",
        moment.weekday().to_string(),
        moment.day(),
        moment.month().to_string(),
        moment.year(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
}
