//! Reading the 200 versions of a file from its pack, where they are deltas on one another.

use divan::Bencher;
use divan::counter::BytesCount;
use withhold::repo::{Kind, ObjectId, Objects};

use super::support::HISTORY;

/// From the newest to the oldest, as a walk meets them, with nothing at hand at the beginning.
#[divan::bench]
fn all_versions(bencher: Bencher<'_, '_>) {
    read(bencher, &HISTORY.blobs);
}

/// The one in the middle alone: the whole chain below it has to be put together.
#[divan::bench]
fn one_version(bencher: Bencher<'_, '_>) {
    read(bencher, &HISTORY.blobs[100..101]);
}

fn read(bencher: Bencher<'_, '_>, ids: &[ObjectId]) {
    let size =
        |objects: &Objects| ids.iter().map(|id| objects.read(*id, Kind::Blob).unwrap().len()).sum::<usize>();
    let objects = || HISTORY.repository.objects();
    let bytes = size(&objects());
    assert!(bytes > 100_000 * ids.len());
    bencher.counter(BytesCount::new(bytes)).with_inputs(objects).bench_local_values(|objects| {
        let read = size(&objects);
        (objects, read)
    });
}
