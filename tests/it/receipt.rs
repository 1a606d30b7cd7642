//! Receipts: what was verified holds later for the same files, and for nothing else.

#![allow(unreachable_pub, reason = "nothing is used from outside")]

mod case;
mod contradictions;
mod files;
mod form;
mod hostile;
mod shipped;
mod signed;
mod terms;
