//! SSH signatures: what `ssh-keygen` signs is verified here, and what it refuses is refused.

#![allow(unreachable_pub, reason = "nothing is used from outside")]

mod against_openssh;
pub mod desk;
pub mod hostile;
mod manifests;
mod stricter;
