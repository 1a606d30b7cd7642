//! The exit codes: the one place that says what each of them means.
//!
//! Scripts rely on them; they change only with the major version.

/// How a run ended, as the process tells it to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done. `scan`, `filter` and `list` end so whatever they exclude.
    Clean = 0,
    /// A gate (`check`, `verify`, a hook) found excluded content, or `manifest diff --exit-code` a difference.
    Excluded = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// The list or the policy is missing or invalid.
    List = 3,
    /// No verdict, because something is incomplete: a shallow or partial clone, nothing scanned,
    /// not covered, expired; or a gate that would not run.
    Incomplete = 4,
    /// A repository, a data set or a manifest cannot be read or written.
    Unreadable = 5,
    /// A bug in Withhold.
    Bug = 70,
    /// Interrupted from the keyboard (128 + SIGINT, as shells count it).
    Interrupted = 130,
}

impl Exit {
    /// Every code, lowest first.
    pub const ALL: [Self; 8] = [
        Self::Clean,
        Self::Excluded,
        Self::Usage,
        Self::List,
        Self::Incomplete,
        Self::Unreadable,
        Self::Bug,
        Self::Interrupted,
    ];

    /// The number the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// One line for help texts and the manual.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "done, nothing stands in the way",
            Self::Excluded => "excluded content found",
            Self::Usage => "wrong usage",
            Self::List => "list or policy missing or invalid",
            Self::Incomplete => {
                "incomplete, so no verdict (shallow, partial, nothing scanned, not covered, expired)"
            }
            Self::Unreadable => "repository, data set or manifest cannot be read or written",
            Self::Bug => "a bug",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
