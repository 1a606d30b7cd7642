//! `withhold manifest merge`: several manifests become one.

use std::path::PathBuf;

use clap::Args;
use withhold::exit::Exit;
use withhold::manifest;

use super::super::scan::EncodingName;
use super::super::sign::Signers;
use super::super::sources::now;
use super::super::{Context, Failure};
use super::{Reading, told, tool, trusted, with_output};

/// Merge manifests into one.
///
/// The merged manifest excludes what any of them excludes, and claims no more than each of them: it decides the purposes that
/// all decide, holds as long as all hold, tells as much as the one that tells least, and names of each list the oldest
/// serial; different lists of one name and serial are refused. In which order they are given, how often, and in how many steps they are merged makes no difference.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold manifest merge engine/ docs/ -o all/
  withhold manifest merge */manifest -o all/ --encoding parquet
  withhold manifest merge a/ b/ -o all/ --allowed-signers signers    only of signed ones")]
pub(crate) struct Merge {
    /// Folders of the manifests.
    #[arg(value_name = "MANIFEST", required = true)]
    paths: Vec<PathBuf>,
    /// Folder to write the merged manifest to; '-' streams it to standard output.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// How rows are written.
    #[arg(long, value_enum, default_value_t = EncodingName::Jsonl)]
    encoding: EncodingName,
    #[command(flatten)]
    signers: Signers,
}

impl Merge {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let inputs = self.paths.iter().map(|path| trusted(context, path, &self.signers));
        let inputs: Vec<_> = inputs.collect::<Result<_, _>>()?;
        let (now, count) = (now()?, inputs.len());
        let reading = Reading::new(context);
        let header = with_output(context, &self.output, self.encoding, |output| {
            manifest::merge(inputs, tool(), now, output, reading.work(context))
        })?;
        reading.clear();
        let of = if count == 1 { "1 manifest: ".to_owned() } else { format!("{count} manifests: ") };
        told(context, &of, &header, &self.output)
    }
}
