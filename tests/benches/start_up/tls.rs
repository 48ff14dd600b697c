//! TLS in front of an engine, with a chain of certificates as long as DynamoDB's: a leaf, an
//! intermediate and a root, each with an RSA key of 2,048 bits.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A TLS proxy in front of an engine.
pub(crate) struct TlsProxy {
    /// The address of the proxy.
    pub(crate) url: String,
    /// The file with the root certificate.
    pub(crate) root: PathBuf,
}

impl TlsProxy {
    /// A proxy to the engine at the address, with certificates of its own in the directory.
    pub(crate) async fn open(engine: &str, directory: &Path) -> Self {
        make_certificates(directory);
        let read = |name| CertificateDer::from_pem_file(directory.join(name)).unwrap();
        let key = PrivateKeyDer::from_pem_file(directory.join("leaf.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![read("leaf.pem"), read("intermediate.pem")], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let engine = engine.trim_start_matches("http://").to_owned();
        tokio::spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                let (acceptor, engine) = (acceptor.clone(), engine.clone());
                tokio::spawn(async move {
                    let Ok(mut outside) = acceptor.accept(outside).await else {
                        return;
                    };
                    let mut inside = TcpStream::connect(&engine).await.unwrap();
                    // An error here only means that the connection was closed.
                    drop(copy_bidirectional(&mut outside, &mut inside).await);
                });
            }
        });
        Self { url, root: directory.join("root.pem") }
    }
}

fn make_certificates(directory: &Path) {
    let make = |arguments: &str| {
        let made = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(directory)
            .output()
            .expect("openssl makes the certificates");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    std::fs::write(directory.join("authority"), "basicConstraints=critical,CA:true").unwrap();
    std::fs::write(directory.join("host"), "subjectAltName=DNS:localhost").unwrap();
    make(
        "req -x509 -newkey rsa:2048 -nodes -subj /CN=root -keyout root.key -out root.pem -days 30",
    );
    for (name, issuer, extension) in
        [("intermediate", "root", "authority"), ("leaf", "intermediate", "host")]
    {
        make(&format!(
            "req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
        ));
        make(&format!(
            "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial \
             -extfile {extension} -out {name}.pem -days 30"
        ));
    }
}
