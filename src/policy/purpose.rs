//! What data is used for, in AIPREF's words: the closed vocabulary that lists and manifests share.

use std::fmt;

/// A use of data. `train-ai` and `search` are AIPREF's; those with `x-` are Withhold's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Purpose {
    /// `search`: indexing for retrieval by people.
    Search = 0,
    /// `train-ai`: training of AI models.
    TrainAi = 1,
    /// `x-embed`: embeddings, vector stores, retrieval for models.
    XEmbed = 2,
    /// `x-eval`: benchmarks and evaluation sets.
    XEval = 3,
    /// `x-train-other`: training of models that are not generative.
    XTrainOther = 4,
}

impl Purpose {
    /// The whole vocabulary, in the order in which it is written (bytewise by name).
    pub const ALL: [Self; 5] = [Self::Search, Self::TrainAi, Self::XEmbed, Self::XEval, Self::XTrainOther];

    /// The name in lists and manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::TrainAi => "train-ai",
            Self::XEmbed => "x-embed",
            Self::XEval => "x-eval",
            Self::XTrainOther => "x-train-other",
        }
    }

    /// The purpose of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Purposes(u8);

impl Purposes {
    /// No purpose.
    pub const NONE: Self = Self(0);
    /// Every purpose of the vocabulary.
    pub const ALL: Self = Self(0b1_1111);

    /// As the lowest five bits of a byte, one for each purpose.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with these bits; those that mean nothing are left out.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// Whether no purpose is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `purpose` is in it.
    #[must_use]
    pub fn contains(self, purpose: Purpose) -> bool {
        self.0 & (1 << purpose as u8) != 0
    }

    /// Whether every purpose of `other` is in it.
    #[must_use]
    pub fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in this but not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// One after the other, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |purpose| self.contains(*purpose))
    }
}

impl From<Purpose> for Purposes {
    fn from(purpose: Purpose) -> Self {
        Self(1 << purpose as u8)
    }
}

impl FromIterator<Purpose> for Purposes {
    fn from_iter<T: IntoIterator<Item = Purpose>>(iter: T) -> Self {
        iter.into_iter().fold(Self::NONE, |set, purpose| set.union(purpose.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_the_whole_vocabulary_in_bytewise_order() {
        assert_eq!(Purpose::ALL.into_iter().collect::<Purposes>(), Purposes::ALL);
        assert!(Purpose::ALL.is_sorted_by_key(|purpose| purpose.as_str()));
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        }
    }

    #[test]
    fn bits_come_back_and_others_are_left_out() {
        for bits in 0..=u8::MAX {
            assert_eq!(Purposes::from_bits(bits).bits(), bits & 0b1_1111);
        }
        assert_eq!(Purposes::from_bits(0b10), Purpose::TrainAi.into());
    }
}
