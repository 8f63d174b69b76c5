//! Whether a password would be guessed: zxcvbn's estimate, told in words.

use zxcvbn::feedback::{Feedback, Suggestion, Warning};
use zxcvbn::{Score, zxcvbn};

/// What is wrong with a password, if an attacker with the hash would find it
/// soon: fewer than a hundred million guesses are not enough. `known` is what
/// they know of its owner.
pub(super) fn weakness(password: &str, known: &[&str]) -> Option<String> {
    let estimate = zxcvbn(password, known);
    if estimate.score() >= Score::Three {
        return None;
    }
    let why = estimate.feedback().map(words).unwrap_or_default();
    Some(format!(
        "This would be guessed soon. {why}Take a few words that you alone would put together."
    ))
}

fn words(feedback: &Feedback) -> String {
    let warning = feedback.warning().map(warning).unwrap_or_default();
    let suggestion = feedback.suggestions().iter().find_map(|it| suggestion(*it));
    let mut told = String::new();
    for sentence in [warning, suggestion.unwrap_or_default()] {
        if !sentence.is_empty() {
            told.push_str(sentence);
            told.push(' ');
        }
    }
    told
}

fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess
        | Warning::ShortKeyboardPatternsAreEasyToGuess => "Rows of keys are tried early.",
        Warning::RepeatsLikeAaaAreEasyToGuess
        | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "Saying a thing again adds little."
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => "It is close to what many people take.",
        Warning::SequencesLikeAbcAreEasyToGuess => "Sequences such as abc or 6543 are tried early.",
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => {
            "Dates and years are tried early."
        }
        Warning::AWordByItselfIsEasyToGuess => "One word by itself is tried early.",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => "Names are tried early.",
    }
}

fn suggestion(suggestion: Suggestion) -> Option<&'static str> {
    match suggestion {
        Suggestion::AddAnotherWordOrTwo => Some("Add another word or two."),
        Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
            Some("Capital letters help little.")
        }
        Suggestion::ReversedWordsArentMuchHarderToGuess => {
            Some("Words written backwards help little.")
        }
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            Some("An @ in place of an a helps little.")
        }
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            Some("Leave out dates that have to do with you.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_soon_is_told_with_its_reason() {
        for (password, weak) in [
            ("correct horse battery", false),
            ("correct horse battery staple", false),
            ("secret-password-4711", false),
            ("plinth-otter-vague-9", false),
            ("aaaaaaaaaaaaaaaaaa", true),
            ("qwertyuiopasdfghjkl", true),
            ("ada.lovelace@example.com", true),
            ("passwordpassword", true),
        ] {
            let found = weakness(password, &["ada.lovelace@example.com", "daybook"]);
            assert_eq!(found.is_some(), weak, "{password}: {found:?}");
        }
        let told = weakness("aaaaaaaaaaaaaaaaaa", &[]).unwrap_or_default();
        assert!(told.contains("Saying a thing again"), "{told}");
    }
}
