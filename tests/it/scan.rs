//! A scan from outside: a repository and a list go in, a manifest comes out. What is excluded, and what not?

mod atomic;
mod bots;
#[allow(unreachable_pub, dead_code, reason = "each test takes what it needs")]
pub(crate) mod case;
mod closed;
mod contents;
mod determinism;
mod identities;
mod laundering;
mod layers;
mod moves;
mod paths;
mod policy;
mod privacy;
mod refs;
mod roles;
mod rules;
mod tighten;
mod touched;
