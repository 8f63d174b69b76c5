#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;

use daybook_kernel::{Vault, WorkspaceId};

use super::*;

fn workspace(letter: u8) -> WorkspaceId {
    WorkspaceId::from_bytes([letter; 16])
}

fn root() -> (tempfile::TempDir, RootKey) {
    let folder = tempfile::tempdir().unwrap();
    let root = RootKey::open(&folder.path().join("data"), &SystemEntropy).unwrap();
    (folder, root)
}

fn vault(key: &WorkspaceKey) -> WorkspaceVault {
    key.vault(Arc::new(SystemEntropy))
}

#[test]
fn the_root_key_is_made_once_and_read_back() {
    let (folder, root) = root();
    let data = folder.path().join("data");
    let mode = |name: &str| fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(""), mode("root.key")), (0o700, 0o600));
    assert_eq!(
        fs::read_dir(&data).unwrap().count(),
        1,
        "nothing but the key is left"
    );
    let again = RootKey::open(&data, &SystemEntropy).unwrap();
    assert_eq!(root.id(), again.id());
    assert_eq!(
        *root.instance_keys().database_key(),
        *again.instance_keys().database_key()
    );
}

/// Spoils a sound data folder and answers what is said at the next start.
fn refusal(spoil: impl FnOnce(&std::path::Path)) -> String {
    let (folder, _) = root();
    let data = folder.path().join("data");
    spoil(&data);
    let said = RootKey::open(&data, &SystemEntropy)
        .err()
        .map_or_else(String::new, |it| it.to_string());
    said.replace(&folder.path().display().to_string(), "/srv")
}

fn set_mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_root_key_that_others_could_have_read_or_replaced_is_refused() {
    for mode in [0o640, 0o604, 0o660, 0o700, 0o644] {
        let said = refusal(|data| set_mode(&data.join("root.key"), mode));
        assert!(said.contains(&format!("mode {mode:04o}")), "{said}");
        assert!(
            said.ends_with("Run: chmod 600 /srv/data/root.key"),
            "{said}"
        );
    }
    let said = refusal(|data| set_mode(data, 0o750));
    assert!(said.ends_with("Run: chmod 700 /srv/data"), "{said}");
}

#[test]
fn what_is_not_the_key_is_not_taken_for_it() {
    let said = refusal(|data| fs::write(data.join("root.key"), [1; 31]).unwrap());
    assert!(said.contains("has 31 bytes and must have 32"), "{said}");
    let said = refusal(|data| {
        fs::rename(data.join("root.key"), data.join("elsewhere")).unwrap();
        symlink(data.join("elsewhere"), data.join("root.key")).unwrap();
    });
    assert!(said.contains("is not a plain file"), "{said}");
    let said = refusal(|data| {
        fs::remove_file(data.join("root.key")).unwrap();
        fs::create_dir(data.join("root.key")).unwrap();
    });
    assert!(said.contains("is not a plain file"), "{said}");
    let said = refusal(|data| {
        fs::rename(data, data.with_extension("real")).unwrap();
        symlink(data.with_extension("real"), data).unwrap();
    });
    assert!(said.contains("is not a folder of its own"), "{said}");
}

#[test]
fn a_key_of_another_user_is_refused() {
    let said = refusal(|data| {
        // Only the superuser can give a file away; for others there is nothing to see.
        let _ = std::os::unix::fs::chown(data.join("root.key"), Some(4_711), None);
    });
    assert!(
        said.is_empty() || said.contains("belongs to user 4711"),
        "{said}"
    );
}

#[test]
fn a_wrapped_key_opens_for_its_workspace_and_its_root_alone() {
    let (_folder, root) = root();
    let (a, b) = (workspace(b'a'), workspace(b'b'));
    let key = WorkspaceKey::generate(a, &SystemEntropy).unwrap();
    let wrapped = key.wrap(&root, a, &SystemEntropy).unwrap();
    let back = WorkspaceKey::unwrap(&root, a, &wrapped).unwrap();
    assert_eq!(*key.database_key(), *back.database_key());
    assert!(
        key.wrap(&root, b, &SystemEntropy).is_err(),
        "no key is wrapped under a foreign name"
    );

    let unwrap = |workspace, bytes: &[u8]| WorkspaceKey::unwrap(&root, workspace, bytes).err();
    assert!(matches!(
        unwrap(b, &wrapped),
        Some(KeyError::OtherWorkspace { .. })
    ));
    let mut renamed = wrapped.clone();
    renamed[9..25].copy_from_slice(b.as_bytes());
    assert!(matches!(unwrap(b, &renamed), Some(KeyError::Damaged(_))));
    for place in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[place] ^= 1;
        assert!(
            unwrap(a, &changed).is_some(),
            "byte {place} can be changed unseen"
        );
    }
    for length in 0..wrapped.len() {
        assert!(unwrap(a, &wrapped[..length]).is_some());
    }
    let (_other_folder, other) = self::root();
    let foreign = WorkspaceKey::unwrap(&other, a, &wrapped).err();
    assert!(matches!(foreign, Some(KeyError::OtherRootKey)));
}

#[test]
fn a_sealed_text_opens_in_its_workspace_and_column_alone() {
    let (_folder, root) = root();
    let key = WorkspaceKey::generate(workspace(b'a'), &SystemEntropy).unwrap();
    let ours = vault(&key);
    let sealed = ours.seal("people.email", "Grüße".as_bytes()).unwrap();
    assert_eq!(
        ours.open("people.email", &sealed).unwrap(),
        "Grüße".as_bytes()
    );
    assert_eq!(
        vault(&key).open("people.email", &sealed).unwrap(),
        "Grüße".as_bytes()
    );
    assert_ne!(
        sealed,
        ours.seal("people.email", "Grüße".as_bytes()).unwrap()
    );
    assert!(ours.open("people.name", &sealed).is_err());
    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert!(ours.open("people.email", &changed).is_err(), "byte {place}");
        assert!(ours.open("people.email", &sealed[..place]).is_err());
    }
    let neighbour = WorkspaceKey::generate(workspace(b'b'), &SystemEntropy).unwrap();
    assert!(vault(&neighbour).open("people.email", &sealed).is_err());
    assert!(
        vault(&root.instance_keys())
            .open("people.email", &sealed)
            .is_err()
    );
    assert_eq!(ours.open("a", &ours.seal("a", b"").unwrap()).unwrap(), b"");
}

#[test]
fn every_purpose_has_a_key_of_its_own() {
    let key = WorkspaceKey::generate(workspace(b'a'), &SystemEntropy).unwrap();
    let ours = vault(&key);
    assert_eq!(
        ours.keyed_hash("a.b", b"x"),
        vault(&key).keyed_hash("a.b", b"x")
    );
    assert_ne!(ours.keyed_hash("a.b", b"x"), ours.keyed_hash("a.c", b"x"));
    assert_ne!(*key.database_key(), *key.purpose_key("backups"));
}

/// Another HKDF must give what ours gives, or no other tool could ever
/// open the files.
#[test]
fn derivation_is_hkdf_sha_256() {
    use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
    let secret = [7; 32];
    let owner = KeyOwner::Workspace(workspace(b'a'));
    let ours = super::derive::Deriver::new(&secret, owner).derive("database");
    let info = format!("daybook/v1/database/{}", workspace(b'a'));
    let mut theirs = [0; 32];
    let extracted = Salt::new(HKDF_SHA256, &[]).extract(&secret);
    extracted
        .expand(&[info.as_bytes()], HKDF_SHA256)
        .unwrap()
        .fill(&mut theirs)
        .unwrap();
    assert_eq!(*ours, theirs);
}

#[test]
fn a_public_key_reads_back_from_its_line() {
    let (_folder, root) = root();
    let signer = root
        .checkpoint_signer(KeyOwner::Workspace(workspace(b'a')))
        .unwrap();
    let line = signer.key().to_vkey();
    assert_eq!(CheckpointKey::from_vkey(&line).as_ref(), Some(signer.key()));
    assert!(CheckpointKey::from_vkey(&line.replacen("daybook/6", "daybook/7", 1)).is_none());
    assert!(CheckpointKey::from_vkey("daybook/x+00000000+AAAA").is_none());
    let line = signer.sign("text\n");
    assert!(signer.key().has_signed("text\n", &line));
    assert!(!signer.key().has_signed("other\n", &line));
    let other = root.checkpoint_signer(KeyOwner::Instance).unwrap();
    assert!(!other.key().has_signed("text\n", &line));
}

/// A rough guard, not a benchmark: what it prints in release is in the commit.
#[test]
fn sealing_is_cheap_once_the_purpose_is_known() {
    let key = WorkspaceKey::generate(workspace(b'a'), &SystemEntropy).unwrap();
    let ours = vault(&key);
    #[expect(clippy::disallowed_methods, reason = "this measures")]
    let began = std::time::Instant::now();
    for _ in 0..20_000 {
        ours.seal("people.email", &[b'x'; 100]).unwrap();
    }
    let each = began.elapsed().as_nanos() / 20_000;
    println!("seal of 100 bytes: {each} ns");
    assert!(
        each < 200_000,
        "{each} ns: the key is derived anew for each text"
    );
}
