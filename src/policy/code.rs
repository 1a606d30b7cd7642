//! The stable names of the mistakes that a list can have, each with a page in `docs/diagnostics/`.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $meaning:literal,)*) => {
        /// What kind of mistake a diagnostic is about. The names never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, by name.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its stable name, in kebab-case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in a line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    BadDate = "bad-date": "a date that does not exist, or a time without a date",
    BadDomain = "bad-domain": "`plus-addresses` and `ignore-dots` hold domains",
    BadEmail = "bad-email": "an exact e-mail address without `@`",
    BadForge = "bad-forge": "a forge account is written `host:account`",
    BadGlob = "bad-glob": "a glob that cannot be compiled, or can never match",
    BadHmac = "bad-hmac": "a keyed hash is 64 hex digits",
    BadId = "bad-id": "an id is made of letters, digits, `-`, `_` and `.`",
    BadListName = "bad-list-name": "the name of the list is empty or has control characters",
    BadRev = "bad-rev": "a commit to look through is named by 40 hex digits",
    BadSerial = "bad-serial": "the serial is a whole number from 1",
    BadShare = "bad-share": "a share is above 0 and at most 1",
    DuplicateId = "duplicate-id": "two subjects or rules have the same id",
    DuplicateList = "duplicate-list": "two lists of the same name differ",
    EmptyArray = "empty-array": "an empty array, which would mean nothing at all",
    EmptyWindow = "empty-window": "a window of time that ends before it begins",
    Expired = "expired": "the list is past its `not-after`",
    IdNotRandom = "id-not-random": "a subject's id gives away whom it stands for",
    IdentityKind = "identity-kind": "an identity says exactly one of `email`, `forge`, `email-hmac`, `name`",
    LayerLoosens = "layer-loosens": "a later layer would apply the list less strictly",
    LocalDate = "local-date": "a date-time without an offset, so it is not known when that is",
    MatchedNobody = "matched-nobody": "an identity that a full scan did not meet",
    MissingKey = "missing-key": "a key that must be there is not",
    NameAlone = "name-alone": "a name alone identifies nobody unless `name-alone = true` says so",
    NoIdentity = "no-identity": "a subject without an identity can never be matched",
    NoList = "no-list": "there is no list",
    NotUtf8 = "not-utf8": "the file is not UTF-8",
    NotYetSupported = "not-yet-supported": "something that this version cannot do yet",
    SchemaVersion = "schema-version": "the file is written for another version",
    Syntax = "syntax": "the file is not TOML",
    UnknownKey = "unknown-key": "a key that means nothing here",
    UnknownPurpose = "unknown-purpose": "a purpose that is not in the vocabulary",
    UnknownRole = "unknown-role": "a role that is not in the vocabulary",
    UnknownValue = "unknown-value": "a value that is not among those allowed",
    Unreadable = "unreadable": "the file cannot be read",
    WrongType = "wrong-type": "a value of another type than expected",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_unique_and_kebab_case() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()));
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric()));
            assert_eq!(code.as_str(), code.as_str().to_lowercase());
        }
    }
}
