//! Who signs in to the demo: one for each role, so that all can be tried.

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Person {
    Owner,
    Manager,
    Member,
    Viewer,
    Auditor,
}

impl Person {
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Manager,
        Self::Member,
        Self::Viewer,
        Self::Auditor,
    ];

    /// `.example` is nobody's domain (RFC 2606).
    pub const fn email(self) -> &'static str {
        match self {
            Self::Owner => "ines@birchlake.example",
            Self::Manager => "tomas@birchlake.example",
            Self::Member => "noor@birchlake.example",
            Self::Viewer => "advisor@birchlake.example",
            Self::Auditor => "auditor@birchlake.example",
        }
    }

    pub const fn role(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Manager => "Manager",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
            Self::Auditor => "Auditor",
        }
    }
}
