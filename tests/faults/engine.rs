//! The DynamoDB behind the faults.
//!
//! A request blocks the thread of the simulation until it is answered, so in simulated time an
//! answer takes no time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use subledger_local::template::Template;

/// An answer of DynamoDB: the status and the body.
pub(crate) type Answer = (u16, Value);

/// A DynamoDB with a table.
#[derive(Debug)]
pub(crate) struct Engine {
    place: Place,
    /// The name of the table.
    pub(crate) table: String,
}

enum Place {
    Embedded(Box<Database>),
    Remote(Mutex<Remote>),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Embedded(_) => "Embedded",
            Self::Remote(_) => "Remote",
        })
    }
}

impl Engine {
    /// A new table: in this process, or at this address, `http://host:port`.
    pub(crate) fn new(endpoint: Option<&str>, table: &str) -> Self {
        let place = match endpoint {
            None => Place::Embedded(Box::new(Database::memory().unwrap())),
            Some(url) => Place::Remote(Mutex::new(Remote::new(url))),
        };
        let engine = Self { place, table: table.to_owned() };
        let mut wanted = json!(Template::embedded().unwrap().table);
        wanted["TableName"] = json!(table);
        // An earlier run of the same seed may have left its table.
        engine.ask("DeleteTable", &json!({ "TableName": table }));
        let (status, answer) = engine.ask("CreateTable", &wanted);
        assert_eq!(status, 200, "{answer}");
        engine
    }

    /// Deletes the table.
    pub(crate) fn remove(&self) {
        self.ask("DeleteTable", &json!({ "TableName": self.table }));
    }

    /// All stored items.
    pub(crate) fn items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let mut asked = json!({ "TableName": self.table, "ConsistentRead": true });
        loop {
            let (status, mut page) = self.ask("Scan", &asked);
            assert_eq!(status, 200, "{page}");
            items.append(page["Items"].as_array_mut().unwrap());
            let next = page["LastEvaluatedKey"].take();
            if next.is_null() {
                return items;
            }
            asked["ExclusiveStartKey"] = next;
        }
    }

    /// Sends a request.
    pub(crate) fn ask(&self, action: &str, asked: &Value) -> Answer {
        match &self.place {
            Place::Embedded(database) => embedded(database, action, asked),
            Place::Remote(remote) => remote.lock().unwrap().ask(action, asked),
        }
    }
}

fn embedded(database: &Database, action: &str, asked: &Value) -> Answer {
    let answer = match action {
        "TransactWriteItems" => run(asked, |request| database.transact_write_items(request)),
        "GetItem" => run(asked, |request| database.get_item(request)),
        "BatchGetItem" => run(asked, |request| database.batch_get_item(request)),
        "Query" => run(asked, |request| database.query(request)),
        "PutItem" => run(asked, |request| database.put_item(request)),
        "Scan" => run(asked, |request| database.scan(request)),
        "CreateTable" => run(asked, |request| database.create_table(request)),
        "DeleteTable" => run(asked, |request| database.delete_table(request)),
        other => panic!("the product does not ask for {other}"),
    };
    match answer {
        Ok(answer) => (200, answer),
        Err(error) => (error.status_code(), serde_json::from_str(&error.to_json()).unwrap()),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    asked: &Value,
    act: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Value, DynoxideError> {
    let request = serde_json::from_value(asked.clone())
        .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
    Ok(json!(act(request)?))
}

fn connect(host: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(host).unwrap_or_else(|error| panic!("{host}: {error}"));
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}

/// A connection to an engine in another process.
struct Remote {
    host: String,
    connection: BufReader<TcpStream>,
}

impl Remote {
    fn new(url: &str) -> Self {
        let host = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let connection = connect(&host);
        Self { host, connection }
    }

    fn ask(&mut self, action: &str, asked: &Value) -> Answer {
        let body = asked.to_string();
        // The engine requires a signature and does not check it.
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-amz-json-1.0\r\n\
             X-Amz-Target: DynamoDB_20120810.{action}\r\nX-Amz-Date: 20260101T000000Z\r\n\
             Authorization: AWS4-HMAC-SHA256 \
             Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, \
             Signature=0\r\nContent-Length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        let stream = self.connection.get_mut();
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
        self.answer()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.connection.read_line(&mut line).unwrap();
        assert!(read > 0, "the engine closed the connection");
        line.trim_end().to_owned()
    }

    fn answer(&mut self) -> Answer {
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = None;
        let mut closes = false;
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse().unwrap());
            }
            closes |= name.eq_ignore_ascii_case("connection") && value.trim() == "close";
        }
        let mut body = vec![0; length.expect("an engine says how long its answer is")];
        self.connection.read_exact(&mut body).unwrap();
        if closes {
            self.connection = connect(&self.host);
        }
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}
