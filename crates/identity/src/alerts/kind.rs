//! What an alert can be about.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AlertKind {
    /// One network tries passwords at many accounts.
    PasswordSpraying,
    /// Many networks try passwords at many accounts.
    PasswordStuffing,
    /// Many passwords are tried at one account.
    PasswordGuessing,
    /// A password was right, and second factors are tried.
    SecondFactorGuessing,
    /// There may be a copy of a passkey.
    PasskeyCopied,
}

impl AlertKind {
    pub(super) const ALL: [Self; 5] = [
        Self::PasswordSpraying,
        Self::PasswordStuffing,
        Self::PasswordGuessing,
        Self::SecondFactorGuessing,
        Self::PasskeyCopied,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PasswordSpraying => "password_spraying",
            Self::PasswordStuffing => "password_stuffing",
            Self::PasswordGuessing => "password_guessing",
            Self::SecondFactorGuessing => "second_factor_guessing",
            Self::PasskeyCopied => "passkey_copied",
        }
    }

    /// What it is, and what to do.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::PasswordSpraying => {
                "Wrong passwords were tried at ten accounts or more from one network within an hour. Block the network at the firewall if it is nobody of yours."
            }
            Self::PasswordStuffing => {
                "Wrong passwords were tried at fifty accounts or more from ten networks or more within an hour, as with a list of stolen ones. Have people add a second factor."
            }
            Self::PasswordGuessing => {
                "Ten wrong passwords in a row were tried at one account. Tries at it wait longer and longer by themselves."
            }
            Self::SecondFactorGuessing => {
                "A password was right, and five second factors were wrong within a quarter of an hour. Ask its person whether it was them; if not, their password is known."
            }
            Self::PasskeyCopied => {
                "A passkey's counter went backwards, so there may be a copy of it. It was refused; have its person remove it."
            }
        }
    }
}
