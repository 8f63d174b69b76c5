//! How a command line run ends when it does not end well, and with which code:
//! 2 usage, 3 refused, 4 faults in the input, 5 our fault.

use daybook_kernel::{Error, Refusal};
use daybook_server::LocalAnswer;
use serde_json::Value;

pub struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            message: message.into(),
        }
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            code: 3,
            message: message.into(),
        }
    }

    pub fn faults(message: impl Into<String>) -> Self {
        Self {
            code: 4,
            message: message.into(),
        }
    }

    pub fn ours(message: impl Into<String>) -> Self {
        Self {
            code: 5,
            message: message.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Faults(_) => Self::faults(error.to_string()),
            Error::Refused(Refusal::NotFound) => Self::refused("Nothing of that name is here."),
            Error::Refused(_) => Self::refused(error.to_string()),
            // Whoever sits at the server may see the cause.
            Error::Ours(cause) | Error::Damaged(cause) => Self::ours(cause),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::ours(error.to_string())
    }
}

/// The answer's body, or the failure that its status stands for.
pub fn succeeded(answer: LocalAnswer) -> Result<Value, Failure> {
    let body = answer.body;
    let words = || {
        let faults = body["faults"].as_array().map(|faults| {
            let lines = faults.iter().map(|fault| {
                let (field, message) = (&fault["field"], &fault["message"]);
                format!(
                    "{}: {}",
                    field.as_str().unwrap_or_default(),
                    message.as_str().unwrap_or_default()
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        });
        faults.unwrap_or_else(|| body["detail"].as_str().unwrap_or_default().to_owned())
    };
    match answer.status {
        200 => Ok(body),
        422 => Err(Failure::faults(words())),
        500.. => Err(Failure::ours(words())),
        _ => Err(Failure::refused(words())),
    }
}
