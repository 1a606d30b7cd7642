//! The rules that checks have: of each its name, how a run ends because of it, what is wrong, and what can be done.
//!
//! Decides what a rule is made of, and which of several that are broken decides how a run ends. Which there are, and who breaks
//! them, is decided where they are checked.

use crate::exit::Exit;

/// How a run ends because of several things: what makes a verdict impossible comes before what was found.
pub(super) fn gravest(exits: impl IntoIterator<Item = Exit>) -> Option<Exit> {
    const ORDER: [Exit; 4] = [Exit::List, Exit::Unreadable, Exit::Incomplete, Exit::Excluded];
    let place = |exit: Exit| ORDER.iter().position(|known| *known == exit);
    exits.into_iter().filter_map(place).min().map(|place| ORDER[place])
}

/// Makes `Rule` of lines such as `ListRolledBack = "list-rolled-back", Incomplete, "what is wrong", "what can be done";`.
macro_rules! rules {
    ($($variant:ident = $id:literal, $exit:ident, $meaning:literal, $help:literal;)*) => {
        /// What something stands against. The names never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $meaning] $variant,)*
        }

        impl Rule {
            /// Every rule, by name.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its stable name.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What is wrong where it is broken, in a line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What can be done about it, in a line.
            #[must_use]
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }

            /// How a run ends because of it; [`Exit::Clean`] for a mere warning.
            #[must_use]
            pub fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit,)* }
            }
        }

        impl std::fmt::Display for Rule {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.id())
            }
        }
    };
}

pub(super) use rules;
