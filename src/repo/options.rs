//! The options of libgit2 that hold for the whole process.
//!
//! Decides how strictly objects and owners are checked. Called once, before any thread is started.

use super::RepoError;
use super::open::git_error;

/// Sets libgit2's options. With `any_owner`, repositories that belong to somebody else are opened, too.
///
/// Objects that are read are not hashed a second time: git does not do that either, and whatever enters a
/// manifest is hashed by ourselves. Nor are the files of a folder looked up again that is written: each was just written
/// or found.
///
/// # Errors
/// libgit2 refuses an option.
pub fn set_options(any_owner: bool) -> Result<(), RepoError> {
    git2::opts::strict_hash_verification(false);
    git2::opts::strict_object_creation(false);
    if any_owner {
        // SAFETY: the option is a plain global of libgit2, which nothing reads at the same time: no thread
        // runs yet, and no repository is open. It cannot lead to execution of what a repository names,
        // because nothing here runs hooks, filters or commands.
        #[allow(
            unsafe_code,
            reason = "git2 marks options of the process as unsafe; this is set before any thread"
        )]
        unsafe { git2::opts::set_verify_owner_validation(false) }
            .map_err(|error| git_error("switching off the check of owners", &error))?;
    }
    Ok(())
}
