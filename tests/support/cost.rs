//! The price of a request on AWS: list prices and the formula.
//!
//! Prices are in millionths of a millionth of a dollar per request, which is also millionths of a
//! dollar per million requests. A GB is 10^9 bytes, the more expensive of its two meanings.

/// When the prices were looked up, for us-east-1 and without a free tier.
pub const PRICES_OF: &str = "August 2026";

/// One request to an HTTP API, answers up to 512 kB: $1.00 per million.
const GATEWAY_REQUEST: u64 = 1_000_000;
/// One invocation: $0.20 per million.
const INVOCATION: u64 = 200_000;
/// One GB-second on arm64: $0.0000133334.
const GB_SECOND: u64 = 13_333_400;
/// One read unit of a table on demand: $0.125 per million.
const READ_UNIT: u64 = 125_000;
/// One write unit of a table on demand: $0.625 per million.
const WRITE_UNIT: u64 = 625_000;
/// One byte that is written to a log: $0.50 per GB.
const LOG_BYTE: u64 = 500;
/// One byte that leaves AWS: $0.09 per GB.
const SENT_BYTE: u64 = 90;

/// The memory of a function in `template.yaml`, in MB.
pub const MEMORY_MB: u64 = 256;
/// The memory from which on a function has a whole processor, in MB.
const MEMORY_OF_A_PROCESSOR_MB: u64 = 1769;

/// The duration of a function without its waiting for DynamoDB, in milliseconds, rounded up.
const FUNCTION_MILLISECONDS: u64 = 1;
/// The time for a read, in milliseconds: the published median of a whole Rust function with one request to
/// DynamoDB is 5.13 ms (serverless-rust-demo of aws-samples).
const READ_MILLISECONDS: u64 = 5;
/// The time for a transact write, in milliseconds: the published median with five items is 25.3 ms
/// (dynamodb-performance-testing by Alex `DeBrie`).
const TRANSACTION_MILLISECONDS: u64 = 26;

/// What the gateway and HTTP/1.1 put in front of an answer beside the headers of the function, in
/// bytes: the status line, `date`, `content-length`, `connection`, `apigw-requestid`. Records of
/// TLS and packet headers are not counted.
const GATEWAY_HEAD_BYTES: u64 = 150;
/// The overhead of each log line, in bytes.
const LOG_LINE_BYTES: u64 = 26;

/// Processor time of compressing any body, in nanoseconds, rounded up from
/// `cargo bench --workspace --bench pure -- gzip`: 11 microseconds, and 2.3 nanoseconds a byte.
const GZIP_NANOSECONDS: u64 = 20_000;
/// Processor time of compressing each byte of it, in nanoseconds.
const GZIP_NANOSECONDS_PER_BYTE: u64 = 4;

/// The resources that one request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Sequential reads of DynamoDB.
    pub reads_in_turn: u64,
    /// Transact writes.
    pub transactions: u64,
    /// Thousandths of a read unit.
    pub read_milli_units: u64,
    /// Thousandths of a write unit.
    pub write_milli_units: u64,
    /// The headers of the function's answer and its body as it is sent, in bytes.
    pub answer_bytes: u64,
    /// The lines that the gateway and the function log, in bytes.
    pub log_bytes: u64,
    /// How many lines that is.
    pub log_lines: u64,
}

/// The price of one request by service, in millionths of a millionth of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// API Gateway.
    pub gateway: u64,
    /// Lambda: the invocation and its time.
    pub lambda: u64,
    /// DynamoDB's units.
    pub store: u64,
    /// CloudWatch's logs.
    pub logs: u64,
    /// Data out of AWS.
    pub transfer: u64,
}

impl Usage {
    /// The billed duration of the function, in milliseconds, estimated from published medians.
    #[must_use]
    pub const fn milliseconds(self) -> u64 {
        FUNCTION_MILLISECONDS
            + self.reads_in_turn * READ_MILLISECONDS
            + self.transactions * TRANSACTION_MILLISECONDS
    }

    /// The formula.
    #[must_use]
    pub const fn cost(self) -> Cost {
        Cost {
            gateway: GATEWAY_REQUEST,
            lambda: INVOCATION + function_time(self.milliseconds() * 1_000_000),
            store: (self.read_milli_units * READ_UNIT + self.write_milli_units * WRITE_UNIT) / 1000,
            logs: (self.log_bytes + self.log_lines * LOG_LINE_BYTES) * LOG_BYTE,
            transfer: (self.answer_bytes + GATEWAY_HEAD_BYTES) * SENT_BYTE,
        }
    }
}

impl Cost {
    /// The sum of all parts.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.gateway + self.lambda + self.store + self.logs + self.transfer
    }
}

/// The price of a function's duration in nanoseconds.
const fn function_time(nanoseconds: u64) -> u64 {
    nanoseconds * GB_SECOND / 1024 * MEMORY_MB / 1_000_000_000
}

/// The price of compressing a body of this many bytes: its processor time, scaled to the part of a
/// processor that the function has.
#[must_use]
pub const fn compression(body_bytes: u64) -> u64 {
    let processor = GZIP_NANOSECONDS + body_bytes * GZIP_NANOSECONDS_PER_BYTE;
    function_time(processor * MEMORY_OF_A_PROCESSOR_MB / MEMORY_MB)
}

/// What is saved by sending this many bytes less.
#[must_use]
pub const fn saved_transfer(bytes: u64) -> u64 {
    bytes * SENT_BYTE
}

/// Dollars per million requests, rounded to cents.
#[must_use]
pub fn dollars_per_million(cost: u64) -> String {
    let cents = (cost + 5_000) / 10_000;
    format!("${}.{:02}", cents / 100, cents % 100)
}
