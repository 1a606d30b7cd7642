//! Accounts of forges: what a `noreply` address says about who has it.
