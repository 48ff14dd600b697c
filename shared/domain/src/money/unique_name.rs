//! Names that are unique among their kind, and what makes two spellings the same name.
//!
//! Unicode has several spellings of one text: `é` is one character or two, a letter has two cases,
//! and some characters are not seen at all. So a name is stored in normalization form C (UAX #15),
//! is compared by simple case folding (`CaseFolding.txt`, statuses C and S), and has no character
//! that cannot be seen.

use std::fmt;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::text::{TextError, check};

/// The longest unique name, in characters.
const CHARACTERS_MAX: usize = 256;

/// A name that is unique among its kind, in normalization form C: 1 to 256 characters that can be
/// seen, and spaces between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueName(String);

impl UniqueName {
    /// Checks the length and the characters, and puts the text in normalization form C.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::InvisibleCharacter`],
    /// [`TextError::Blank`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        check(text, CHARACTERS_MAX, |_| true)?;
        refuse_invisible(text)?;
        let name = composed(text);
        // Some characters become more than one.
        check(&name, CHARACTERS_MAX, |_| true)?;
        if name.chars().all(char::is_whitespace) {
            return Err(TextError::Blank);
        }
        Ok(Self(name))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one name have in common: the name without its case, without spaces at
    /// its ends, and with one space for each run of spaces.
    #[must_use]
    pub fn folded(&self) -> String {
        folded(&self.0.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for UniqueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text in normalization form C.
fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    ComposingNormalizer::new_nfc().normalize(text).into_owned()
}

/// The text in normalization form C and in simple case folding, which is lower case for most
/// letters. Folding it again changes nothing.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let case = CaseMapper::new();
    let folded: String = composed(text).chars().map(|c| case.simple_fold(c)).collect();
    composed(&folded)
}

/// Refuses characters that cannot be seen, because two texts that differ in them look the same, and
/// those to which Unicode gives no meaning, because a later version may fold them in another way.
pub(crate) fn refuse_invisible(text: &str) -> Result<(), TextError> {
    match text.chars().find(|c| is_invisible(*c)) {
        Some(character) => Err(TextError::InvisibleCharacter { character }),
        None => Ok(()),
    }
}

fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    // Control, format, private use and unassigned characters.
    GeneralCategoryGroup::Other.contains(category)
        || GeneralCategoryGroup::LineSeparator.contains(category)
        || GeneralCategoryGroup::ParagraphSeparator.contains(category)
        // Fillers, joiners and variation selectors, which are letters and marks by category.
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        // The Braille pattern without dots, a symbol by category.
        || c == '\u{2800}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_folded_form() {
        for (one, other) in [
            ("Main", "MAIN"),
            ("Été", "E\u{301}te\u{301}"),
            ("ÅSA", "\u{212b}sa"),
            ("Main", " Main "),
            ("Main books", "main\u{a0} \u{3000}books"),
            ("ΣΑΣ", "σας"),
            ("\u{212a}elvin", "kelvin"),
            ("가", "\u{1100}\u{1161}"),
        ] {
            let folded = |text| UniqueName::parse(text).unwrap().folded();
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        for (one, other) in [("Main", "Mains"), ("e", "é"), ("ß", "ss"), ("a b", "ab")] {
            let folded = |text| UniqueName::parse(text).unwrap().folded();
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn a_name_is_kept_in_normalization_form_c() {
        let name = UniqueName::parse("E\u{301}te\u{301} 1").unwrap();
        assert_eq!(name.as_str(), "Été 1");
        assert_eq!(UniqueName::parse(name.as_str()), Ok(name));
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for character in [
            '\u{0}',
            '\t',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2028}',
            '\u{2029}',
            '\u{2060}',
            '\u{2800}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{e0041}',
            '\u{378}',
        ] {
            let refused = UniqueName::parse(&format!("ma{character}in"));
            assert_eq!(refused, Err(TextError::InvisibleCharacter { character }));
        }
        for text in [" ", "   ", "\u{a0}", "\u{3000} "] {
            assert_eq!(UniqueName::parse(text), Err(TextError::Blank), "{text:?}");
        }
        assert_eq!(UniqueName::parse(""), Err(TextError::Empty));
        assert!(UniqueName::parse("Größe 大阪 🦁 #1").is_ok());
    }

    #[test]
    fn the_length_counts_after_normalization() {
        let too_long = Err(TextError::TooLong { characters_max: 256 });
        assert!(UniqueName::parse(&"é".repeat(256)).is_ok());
        assert_eq!(UniqueName::parse(&"é".repeat(257)), too_long);
        // U+0958 is two characters in normalization form C.
        assert!(UniqueName::parse(&"\u{958}".repeat(128)).is_ok());
        assert_eq!(UniqueName::parse(&"\u{958}".repeat(129)), too_long);
    }

    #[test]
    fn what_is_folded_stays_folded() {
        // Signs and syllables of Chinese, Korean and Tangut have no case.
        let has_no_case = |c: &char| matches!(*c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{17000}'..='\u{18cff}');
        let letters = ('\u{0}'..='\u{1ffff}').filter(|c| !has_no_case(c) && !is_invisible(*c));
        // With marks that compose with the letter, and one that folds to a letter itself.
        for c in letters {
            for mark in ["", "\u{301}", "\u{345}", "\u{307}\u{345}"] {
                let once = folded(&format!("{c}{mark}"));
                assert_eq!(folded(&once), once, "{c:?} {mark:?}");
            }
        }
    }
}
