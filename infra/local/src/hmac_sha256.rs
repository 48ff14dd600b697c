//! HMAC with SHA-256 for `jsonwebtoken`, the only algorithm that local tokens are signed with.
//!
//! `jsonwebtoken` brings its own providers, but one compiles aws-lc and the other RSA and the
//! elliptic curves. Here a token is signed and checked by the same party, so a shared secret is
//! enough; on AWS the tokens come from an identity provider and API Gateway checks them.

use std::sync::Once;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;
use signature::{Signer, Verifier};

/// Makes this the provider of the process. Any number of calls do no more than the first.
pub fn install() {
    static ONCE: Once = Once::new();
    // Only another provider could have been installed before, and nothing else in the process
    // uses this crate.
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

struct HmacSha256(Hmac<Sha256>);

impl HmacSha256 {
    fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let keyed = Hmac::new_from_slice(secret).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(keyed))
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Ok(Box::new(HmacSha256::new(*algorithm, key.as_bytes())?))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let secret = key.try_get_as_bytes()?;
    Ok(Box::new(HmacSha256::new(*algorithm, secret)?))
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        // Compares in constant time.
        mac.verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4231, test case 2.
    const KEY: &[u8] = b"Jefe";
    const MESSAGE: &[u8] = b"what do ya want for nothing?";
    const TAG: [u8; 32] = [
        0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75,
        0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec,
        0x38, 0x43,
    ];

    #[test]
    fn the_tag_is_the_published_one() {
        let mac = HmacSha256::new(Algorithm::HS256, KEY).unwrap();
        assert_eq!(mac.try_sign(MESSAGE).unwrap(), TAG);
        assert!(mac.verify(MESSAGE, &TAG.to_vec()).is_ok());
    }

    #[test]
    fn another_tag_or_a_shorter_one_is_refused() {
        let mac = HmacSha256::new(Algorithm::HS256, KEY).unwrap();
        let mut other = TAG.to_vec();
        other.reverse();
        assert!(mac.verify(MESSAGE, &other).is_err());
        assert!(mac.verify(MESSAGE, &TAG[..31].to_vec()).is_err());
        assert!(mac.verify(MESSAGE, &Vec::new()).is_err());
    }

    #[test]
    fn another_algorithm_is_refused() {
        assert!(HmacSha256::new(Algorithm::HS512, KEY).is_err());
    }
}
