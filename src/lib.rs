//! Withhold keeps a person's work out of training data, and proves it.
//!
//! It reads who wrote what from Git, matches that against an opt-out list, and writes exclusion
//! manifests. The folders are the way of the data, and imports run along it only:
//!
//! [`policy`] → [`identity`] → [`repo`] → [`attribution`] → [`verdict`] → [`manifest`] → [`scan`] → [`dataset`] → [`enforce`] → [`report`]

pub mod attribution;
pub mod dataset;
pub mod enforce;
pub mod exit;
pub mod identity;
pub mod manifest;
#[cfg(feature = "parquet")]
pub(crate) mod pages;
pub mod policy;
pub mod repo;
pub mod report;
pub mod scan;
#[cfg(feature = "parquet")]
pub(crate) mod thrift;
pub mod verdict;
