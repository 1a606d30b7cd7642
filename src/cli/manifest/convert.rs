//! `withhold manifest convert`: a manifest in another encoding, or telling less.

use std::path::PathBuf;

use clap::Args;
use withhold::exit::Exit;
use withhold::manifest;

use super::super::scan::{EncodingName, ProfileName};
use super::super::sign::Signers;
use super::super::{Context, Failure};
use super::{Reading, told, tool, trusted, with_output};

/// Write a manifest in another encoding, or with less in it.
///
/// In another encoding everything stays, to the bytes of the header, and so does the signature beside it. With less in it, it
/// is another manifest, which has to be signed anew.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold manifest convert manifest/ -o table/ --encoding parquet
  withhold manifest convert manifest/ -o keys/ --profile keys      to hand on: hashes, lines and purposes alone
  withhold scan -l optout.toml -o - | withhold manifest convert - -o table/ --encoding parquet")]
pub(crate) struct Convert {
    /// Folder of the manifest; '-' reads a stream from standard input.
    #[arg(value_name = "MANIFEST")]
    path: PathBuf,
    /// Folder to write it to, which may be the same; '-' streams it to standard output.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// How rows are written.
    #[arg(long, value_enum, default_value_t = EncodingName::Jsonl)]
    encoding: EncodingName,
    /// How much it tells, no more than now [default: as much as now].
    #[arg(long, value_enum)]
    profile: Option<ProfileName>,
    #[command(flatten)]
    signers: Signers,
}

impl Convert {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let input = trusted(context, &self.path, &self.signers)?;
        let profile = self.profile.map(ProfileName::profile);
        let reading = Reading::new(context);
        let header = with_output(context, &self.output, self.encoding, |output| {
            manifest::convert(&input, profile, tool(), output, reading.work(context))
        })?;
        reading.clear();
        told(context, "", &header, &self.output)
    }
}
