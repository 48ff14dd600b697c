//! Content codings: of answers, for clients that accept it, and of requests.
//!
//! API Gateway does not compress what a function answers, and every byte that leaves AWS is paid
//! for. So a large answer is compressed with gzip if the client accepts it.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderMap, header};
use lambda_http::Request;

use crate::rejection::Rejection;
use crate::request::call::BODY_BYTES_MAX;
use crate::request::gateway;

/// The coding of requests, and the only one of answers, as `Accept-Encoding` names it.
pub(crate) const GZIP: &str = "gzip";

/// The smallest body that is compressed, in bytes.
///
/// Compression saves money from about 300 bytes on: the transfer that it saves costs more than the
/// two headers and the time of the function. Below 1 KiB it saves under 4 % of the price of a
/// request, and the answer is one packet either way. `docs/operations.md` has the price, and
/// `tests/integration/costs.rs` the sum.
pub const GZIP_BYTES_MIN: usize = 1024;

/// The compression level, from 1 to 9.
///
/// A page of 100 balances, 53 kB, is 6.7 kB at level 1 and 5.7 kB at level 6, which takes more than
/// four times as long: milliseconds of a function with a seventh of a processor, for $0.09 a
/// million.
const LEVEL: Compression = Compression::new(1);

/// How the body of an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is.
    Identity,
    /// As gzip if it is at least [`GZIP_BYTES_MIN`] long.
    Gzip,
}

impl Coding {
    /// The coding that a request asks for, if its gateway can pass it on.
    pub(crate) fn of(request: &Request) -> Self {
        if gateway::takes_binary_answers(request) {
            Self::accepted_by(request.headers())
        } else {
            Self::Identity
        }
    }

    /// Gzip if it is among what the client accepts. The preference among several codings is
    /// ignored.
    fn accepted_by(headers: &HeaderMap) -> Self {
        let mut coding = Self::Identity;
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let offers = values.filter_map(|value| value.to_str().ok()).flat_map(|it| it.split(','));
        for (name, is_accepted) in offers.map(offer) {
            let found = if is_accepted { Self::Gzip } else { Self::Identity };
            if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                return found;
            }
            if name == "*" {
                coding = found;
            }
        }
        coding
    }
}

/// One coding that a client names, and whether it accepts it. It does not if the quality is zero.
fn offer(text: &str) -> (&str, bool) {
    let mut words = text.split(';').map(str::trim);
    let name = words.next().unwrap_or_default();
    let mut qualities = words.filter_map(|word| word.split_once('='));
    let is_refused = qualities.any(|(parameter, quality)| {
        parameter.trim().eq_ignore_ascii_case("q")
            && quality.trim().bytes().all(|byte| matches!(byte, b'0' | b'.'))
    });
    (name, !is_refused)
}

/// The gzip of a body, without a time, so that equal bodies give equal bytes.
#[must_use]
#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
pub fn gzip(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
    let written = encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish());
    written.expect("a vector takes every byte")
}

/// The body of a request without its content coding. No more than the longest body is decoded of
/// it, whatever it would become.
///
/// # Errors
/// [`Rejection::UnknownCoding`] for any other coding than gzip, [`Rejection::NotGzip`],
/// [`Rejection::BodyTooLarge`].
pub(crate) fn decoded(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, Rejection> {
    if body.is_empty() {
        return Ok(body);
    }
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let text = |value: &'_ http::HeaderValue| value.to_str().unwrap_or("not ASCII").to_owned();
    let named: Vec<String> = values.map(text).collect();
    let named = named.iter().flat_map(|value| value.split(',')).map(str::trim);
    let codings: Vec<&str> =
        named.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity")).collect();
    let [coding] = *codings else {
        return if codings.is_empty() { Ok(body) } else { Err(Rejection::UnknownCoding) };
    };
    if !coding.eq_ignore_ascii_case(GZIP) && !coding.eq_ignore_ascii_case("x-gzip") {
        return Err(Rejection::UnknownCoding);
    }
    let mut inflated = Vec::new();
    #[expect(clippy::expect_used, reason = "the limit is a small constant")]
    let bytes_max = u64::try_from(BODY_BYTES_MAX + 1).expect("a limit of kilobytes fits");
    let mut reader = MultiGzDecoder::new(body.as_slice()).take(bytes_max);
    reader.read_to_end(&mut inflated).map_err(|_| Rejection::NotGzip)?;
    if inflated.len() > BODY_BYTES_MAX { Err(Rejection::BodyTooLarge) } else { Ok(inflated) }
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn gzip_is_written_for_those_who_accept_it() {
        use Coding::{Gzip, Identity};
        for (sent, coding) in [
            (None, Identity),
            (Some(""), Identity),
            (Some("gzip"), Gzip),
            (Some("GZip"), Gzip),
            (Some("x-gzip"), Gzip),
            (Some("gzip, deflate, br, zstd"), Gzip),
            (Some("deflate,gzip;q=0.5"), Gzip),
            (Some("br,gzip"), Gzip),
            (Some("br,deflate"), Identity),
            (Some("gzip;q=0"), Identity),
            (Some("gzip; Q = 0.000"), Identity),
            (Some("gzip;q=0.001"), Gzip),
            (Some("*"), Gzip),
            (Some("*;q=0"), Identity),
            (Some("gzip;q=0, *"), Identity),
            (Some("*;q=0, gzip"), Gzip),
            (Some("identity"), Identity),
            (Some("gzipped"), Identity),
        ] {
            let header = |value: &str| (header::ACCEPT_ENCODING, value.parse().unwrap());
            let headers: HeaderMap = sent.map(header).into_iter().collect();
            assert_eq!(Coding::accepted_by(&headers), coding, "{sent:?}");
        }
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let body = "a body, a body, a body".repeat(100);
        let bytes = gzip(&body);
        assert!(bytes.len() < body.len());
        assert_eq!(gzip(&body), bytes);
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, body);
    }

    #[test]
    fn a_request_may_be_gzip_and_inflates_to_the_longest_body_at_most() {
        let decode = |coding: &str, body: &[u8]| {
            let headers =
                HeaderMap::from_iter([(header::CONTENT_ENCODING, coding.parse().unwrap())]);
            decoded(&headers, body.to_vec())
        };
        let body = b"{\"key\":\"x\"}".to_vec();
        let packed = gzip("{\"key\":\"x\"}");
        for coding in ["gzip", "GZIP", "x-gzip", " gzip ", "identity, gzip"] {
            assert_eq!(decode(coding, &packed), Ok(body.clone()), "{coding}");
        }
        for coding in ["", "identity"] {
            assert_eq!(decode(coding, &body), Ok(body.clone()), "{coding}");
        }
        for coding in ["br", "deflate", "zstd", "gzip, gzip", "br, gzip", "gzipped"] {
            assert_eq!(decode(coding, &body), Err(Rejection::UnknownCoding), "{coding}");
        }
        assert_eq!(decode("gzip", &body), Err(Rejection::NotGzip));
        assert_eq!(decode("gzip", &packed[..packed.len() - 1]), Err(Rejection::NotGzip));
        let most = "x".repeat(BODY_BYTES_MAX);
        assert_eq!(decode("gzip", &gzip(&most)), Ok(most.clone().into_bytes()));
        let bomb = gzip(&"x".repeat(BODY_BYTES_MAX * 100));
        assert_eq!(decode("gzip", &bomb), Err(Rejection::BodyTooLarge));
    }
}
