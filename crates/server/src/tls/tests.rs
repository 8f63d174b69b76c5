#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

const DAY_S: i64 = 24 * 60 * 60;

/// A clock that is set by hand.
fn clock() -> (Arc<AtomicI64>, Now) {
    let seconds = Arc::new(AtomicI64::new(1_800_000_000));
    let hand = Arc::clone(&seconds);
    let now = move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap();
    (hand, Arc::new(now))
}

#[test]
fn the_local_certificate_is_renewed_by_itself_under_the_same_authority() {
    let folder = tempfile::tempdir().unwrap();
    let (hand, now) = clock();
    let names = vec!["books.example".to_owned()];
    let local = Certificate::Local { names };
    let tls = Tls::open(folder.path().to_owned(), local, now).unwrap();
    assert_eq!(
        tls.names(),
        ["localhost", "127.0.0.1", "::1", "books.example"]
    );
    let authority = std::fs::read(folder.path().join(AUTHORITY_FILE)).unwrap();
    let first = tls.until();
    hand.fetch_add(57 * DAY_S, Ordering::SeqCst);
    assert_eq!(tls.until(), first);
    hand.fetch_add(3 * DAY_S, Ordering::SeqCst);
    assert!(tls.until() > first);
    assert_eq!(
        authority,
        std::fs::read(folder.path().join(AUTHORITY_FILE)).unwrap()
    );
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    for file in ["local.pem", "local-ca.key"] {
        let folder = tempfile::tempdir().unwrap();
        let (_, now) = clock();
        let open = || {
            let local = Certificate::Local { names: Vec::new() };
            Tls::open(folder.path().to_owned(), local, now.clone()).map(|_| ())
        };
        open().unwrap();
        let path = folder.path().join(file);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let why = open().unwrap_err().to_string();
        assert!(why.contains("0640") && why.contains("0600"), "{why}");
    }
}

#[test]
fn certificate_files_are_read_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let (hand, now) = clock();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    let put = |name: &str| {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        files::write(&certificate, &made.cert.pem(), 0o644).unwrap();
        files::write(&key, &made.signing_key.serialize_pem(), 0o600).unwrap();
    };
    put("one.example");
    let given = Certificate::Files {
        certificate: certificate.clone(),
        key: key.clone(),
    };
    let tls = Tls::open(folder.path().join("tls"), given, now).unwrap();
    assert_eq!(tls.names(), ["one.example"]);
    put("two.example");
    hand.fetch_add(2, Ordering::SeqCst);
    assert_eq!(tls.names(), ["two.example"]);
    // What cannot be read leaves the old one in place.
    files::write(&certificate, "nothing", 0o644).unwrap();
    hand.fetch_add(2, Ordering::SeqCst);
    assert_eq!(tls.names(), ["two.example"]);
}
