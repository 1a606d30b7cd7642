//! `withhold check`: the gate for CI never takes an error for a pass, and finds what must not be where it is.

#![allow(unreachable_pub, reason = "nothing is used from outside")]

mod adoption;
mod all_refs;
mod case;
mod hiding;
mod lists;
mod manifests;
mod published;
mod shipped;
mod training;
