//! Slugs: the name of a workspace as its address has it.

/// Longer ones do not read well in an address.
pub(super) const CHARACTERS_MAX: usize = 40;

/// What a name becomes in an address: its Latin letters and digits, with a
/// hyphen for whatever stands between.
pub(super) fn from_name(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if slug.len() + 2 > CHARACTERS_MAX {
            break;
        }
        match latin(character) {
            Some(letters) => slug.push_str(letters),
            None if character.is_ascii_alphanumeric() => slug.push(character),
            None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            None => {}
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "workspace".to_owned()
    } else {
        slug.to_owned()
    }
}

/// The slug with a number behind it, shortened where it must be.
pub(super) fn numbered(slug: &str, number: impl std::fmt::Display) -> String {
    let end = format!("-{number}");
    let room = CHARACTERS_MAX.saturating_sub(end.len());
    let kept = slug.get(..room).unwrap_or(slug).trim_end_matches('-');
    format!("{kept}{end}")
}

const fn latin(character: char) -> Option<&'static str> {
    Some(match character {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ł' => "l",
        'ñ' | 'ń' => "n",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'ś' | 'š' => "s",
        'ù' | 'ú' | 'û' => "u",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

/// Whether a slug may stand in an address as it is. One that looks like an id
/// would shadow another workspace.
pub(super) fn is_good(slug: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let looks_like_id = slug.len() == 32 && slug.chars().all(|c| c.is_ascii_hexdigit());
    !slug.is_empty()
        && slug.len() <= CHARACTERS_MAX
        && slug.chars().all(plain)
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !looks_like_id
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_name_becomes_an_address() {
        let long = "a".repeat(100);
        for (name, slug) in [
            ("Lovelace & Sons, Ltd.", "lovelace-sons-ltd"),
            ("Bäckerei Öztürk", "baeckerei-oeztuerk"),
            ("  ---  ", "workspace"),
            ("株式会社", "workspace"),
            ("2026", "2026"),
        ] {
            assert_eq!(from_name(name), slug, "{name}");
        }
        for name in [
            "Lovelace & Sons, Ltd.",
            "株式会社",
            &long,
            "0123456789abcdef0123456789abcdef",
        ] {
            let slug = from_name(name);
            assert!(slug.len() <= CHARACTERS_MAX, "{slug}");
        }
        assert!(is_good(&from_name(&long)));
        assert_eq!(numbered("lovelace", 2), "lovelace-2");
        assert!(is_good(&numbered(&from_name(&long), "0123abcd")));
    }

    #[test]
    fn what_would_break_an_address_is_no_slug() {
        for (slug, good) in [
            ("lovelace", true),
            ("a-1", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("A", false),
            ("a/b", false),
            ("a b", false),
            ("0123456789abcdef0123456789abcdef", false),
        ] {
            assert_eq!(is_good(slug), good, "{slug}");
        }
    }
}
