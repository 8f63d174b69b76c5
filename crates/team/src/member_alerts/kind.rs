//! What an alert about a member can be about, as the instance names it.

/// Each kind, its short name for people, what it means and what to do.
const KINDS: [(&str, &str, &str); 4] = [
    (
        "password_guessing",
        "Passwords are tried",
        "Many wrong passwords in a row were tried. Further tries wait longer and longer by themselves. Ask this member to add a second factor, which keeps out whoever finds the password.",
    ),
    (
        "second_factor_guessing",
        "Second factors are tried",
        "The password was right, and wrong second factors were tried. Ask this member whether it was them. If not, their password is known: have them change it.",
    ),
    (
        "passkey_copied",
        "A passkey may be copied",
        "A passkey was refused, as its counter went backwards: there may be a copy of it. Have this member remove it and add a new one.",
    ),
    (
        "factors_reset",
        "Second factors were taken off",
        "Whoever runs this Daybook took the second factors off this account. Ask this member whether they wanted it; their password alone signs them in now.",
    ),
];

/// Its name and what to do. An instance that is newer than this may know more kinds.
pub(super) fn words(kind: &str) -> (&'static str, &'static str) {
    let known = KINDS.iter().find(|(name, ..)| *name == kind);
    known.map_or(
        (
            "Trouble at an account",
            "Ask whoever runs this Daybook what it is.",
        ),
        |(_, title, sentence)| (*title, *sentence),
    )
}
