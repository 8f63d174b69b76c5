//! What a recovery code looks like, and what is one however it is typed.

/// 16 characters of 5 bits: 80, which nobody guesses.
pub(super) const CHARACTERS: usize = 16;
const GROUP: usize = 4;

/// RFC 4648's 32, small: no 0, 1, 8 or 9 to take for a letter.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// `k7qm-2f4t-zxwb-hd3c`, from as many random bytes as it has characters.
pub(super) fn code(random: [u8; CHARACTERS]) -> String {
    let mut code = String::with_capacity(CHARACTERS + CHARACTERS / GROUP);
    for (at, byte) in random.into_iter().enumerate() {
        if at > 0 && at % GROUP == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    code
}

/// The characters of a code however it was written, or nothing.
pub(super) fn normal(typed: &str) -> Option<String> {
    let mut normal = String::with_capacity(CHARACTERS);
    for character in typed.chars() {
        let character = match character.to_ascii_lowercase() {
            '-' | ' ' | '\t' | '\u{2010}'..='\u{2015}' => continue,
            '0' => 'o',
            '1' => 'l',
            '8' => 'b',
            other => other,
        };
        let byte = u8::try_from(character).ok()?;
        if !ALPHABET.contains(&byte) || normal.len() == CHARACTERS {
            return None;
        }
        normal.push(character);
    }
    (normal.len() == CHARACTERS).then_some(normal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_code_is_four_groups_of_four() {
        let random = [0, 31, 32, 63, 255, 128, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        assert_eq!(code(random), "a7a7-7ahi-jklm-nopq");
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        for typed in [
            "a7a7-7ahi-jklm-nopq",
            " A7A7 7AHI JKLM NOPQ ",
            "a7a77ahijklmnopq",
            "A7A7–7AHI–JKLM–N0PQ",
        ] {
            assert_eq!(
                normal(typed).as_deref(),
                Some("a7a77ahijklmnopq"),
                "{typed}"
            );
        }
        for typed in [
            "",
            "123456",
            "a7a7-7ahi-jklm-nop",
            "a7a7-7ahi-jklm-nopq-r",
            "a7a7-7ahi-jklm-no?q",
        ] {
            assert_eq!(normal(typed), None, "{typed}");
        }
    }
}
