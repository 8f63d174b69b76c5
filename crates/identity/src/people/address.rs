//! E-mail addresses: one key for all ways of writing the same one.

use daybook_kernel::Faults;
use unicode_normalization::UnicodeNormalization as _;

/// RFC 5321 lets a path have 256 octets with its brackets.
const OCTETS_MAX: usize = 254;

/// The one key of an address: compatibility forms made one (NFKC), invisible
/// characters dropped, trimmed, lower case. A second person cannot come in as a
/// look-alike that differs only so.
pub fn normalise(email: &str) -> String {
    let visible: String = email.nfkc().filter(|c| !is_invisible(*c)).collect();
    visible.trim().to_lowercase().nfkc().collect()
}

/// Zero-width spaces and joiners, the soft hyphen and the byte order mark.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{00AD}' | '\u{FEFF}'
    )
}

/// Whether a message could be sent there at all; only a sent one proves it.
pub(crate) fn check(faults: &mut Faults, field: &str, email: &str) {
    let address = normalise(email);
    let (mailbox, domain) = address.rsplit_once('@').unwrap_or_default();
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
    let good = !mailbox.is_empty()
        && !domain.is_empty()
        && !mailbox.contains(odd)
        && !domain.contains(odd)
        && !domain.starts_with('.')
        && !domain.ends_with('.');
    if !good {
        faults.add(
            field,
            "This is no e-mail address. Write it as name@example.com.",
        );
    } else if address.len() > OCTETS_MAX {
        faults.add(
            field,
            format!("This address is longer than {OCTETS_MAX} characters."),
        );
    }
}

/// An address shown at sign-in is only kept from being endless: more would say
/// which addresses could have an account.
pub(crate) fn check_shown(faults: &mut Faults, field: &str, email: &str) {
    faults.text(field, email, OCTETS_MAX);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn one_address_has_one_key_however_it_is_written() {
        for written in [
            "ada@example.com",
            "  Ada@Example.COM\n",
            "ＡＤＡ＠ｅｘａｍｐｌｅ．ｃｏｍ",
            "a\u{200B}da@exam\u{00AD}ple.com",
            "\u{3000}ada@example.com",
        ] {
            assert_eq!(normalise(written), "ada@example.com", "{written:?}");
        }
        assert_ne!(normalise("ada@example.com"), normalise("ada@example.org"));
    }

    #[test]
    fn what_no_message_reaches_is_a_fault() {
        for (email, good) in [
            ("ada@example.com", true),
            ("ada@localhost", true),
            ("ada", false),
            ("@example.com", false),
            ("ada@", false),
            ("ada lovelace@example.com", false),
            ("ada@b@example.com", false),
            ("ada@.com", false),
        ] {
            let mut faults = Faults::default();
            check(&mut faults, "email", email);
            assert_eq!(faults.is_empty(), good, "{email}");
        }
        let mut faults = Faults::default();
        check(
            &mut faults,
            "email",
            &format!("{}@example.com", "a".repeat(250)),
        );
        assert!(!faults.is_empty());
    }
}
