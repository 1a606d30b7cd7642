//! The zone of times that name none: the system's, as its C library finds it, since `ssh-keygen` asks that.
//!
//! Decides which zone it is, or that this is not known for certain. A C library takes UTC for what it does not understand, or
//! rules of its own for summer time, and says nothing; so a key could be used here for hours that it may not be used there.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use jiff::tz::TimeZone;

/// Where the files of zones are.
pub(super) const FOLDER: &str = "/usr/share/zoneinfo";
/// The file of the system's own.
const LOCAL: &str = "/etc/localtime";
/// No file of a zone is larger.
const MOST_BYTES: u64 = 1 << 20;

/// The system's zone, if it is known for certain.
pub(super) fn system() -> Option<TimeZone> {
    let zone = env::var_os("TZ");
    if cfg!(all(unix, not(target_os = "android"))) {
        let folder = env::var_os("TZDIR").filter(|folder| !folder.is_empty());
        of(zone.as_deref(), folder.as_deref().unwrap_or(FOLDER.as_ref()).as_ref(), LOCAL.as_ref())
    } else if zone.is_none() {
        TimeZone::try_system().ok()
    } else {
        // It is spelled otherwise there.
        None
    }
}

/// The zone that `TZ` names: by its file in `folder`, else by its rules; without it that of the file `local`.
pub(super) fn of(zone: Option<&OsStr>, folder: &Path, local: &Path) -> Option<TimeZone> {
    let Some(zone) = zone else {
        return match read(local) {
            Ok(data) => from_file(&data),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(TimeZone::UTC),
            Err(_) => None,
        };
    };
    if zone.is_empty() {
        return Some(TimeZone::UTC);
    }
    let text = zone.to_str()?;
    let name = text.strip_prefix(':').unwrap_or(text);
    if let Ok(data) = read(&folder.join(name)) {
        return from_file(&data);
    }
    // It needs no file.
    if name == "UTC" { Some(TimeZone::UTC) } else { TimeZone::posix(name).ok() }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut data = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut data)?;
    Ok(data)
}

/// The zone in a file (RFC 9636), unless it counts leap seconds, as Unix time does not.
fn from_file(data: &[u8]) -> Option<TimeZone> {
    let zone = TimeZone::tzif("local", data).ok()?;
    (leap_seconds(data)? == 0).then_some(zone)
}

/// How many leap seconds a file has, in the part that counts: the second one, if there is one.
fn leap_seconds(data: &[u8]) -> Option<u32> {
    let number = |data: &[u8], at: usize| {
        let bytes = data.get(20 + 4 * at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes))
    };
    if *data.get(4)? == 0 {
        return number(data, 2);
    }
    // Indicators of UT and of standard time, leap seconds, times with their types, types, letters.
    let sizes = [1, 1, 8, 5, 6, 1];
    let parts = sizes.iter().enumerate().map(|(at, size)| Some(u64::from(number(data, at)?) * size));
    let length = usize::try_from(parts.sum::<Option<u64>>()?).ok()?;
    number(data.get(44_usize.checked_add(length)?..)?, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(zone: Option<&str>, folder: &Path) -> bool {
        of(zone.map(OsStr::new), folder, &folder.join("localtime")).is_some()
    }

    #[test]
    fn what_a_c_library_would_guess_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for zone in ["", "UTC", ":UTC", "UTC0", "JST-9", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0545>-5:45"] {
            assert!(known(Some(zone), folder), "{zone}");
        }
        for zone in [":", "XYZ", "CET-1CEST", "Europe/Berlin", "posix/Europe/Paris", "/nowhere", "J\u{e4}"] {
            assert!(!known(Some(zone), folder), "{zone}");
        }
        // No file means UTC, as everywhere.
        assert!(known(None, folder));
        std::fs::write(folder.join("localtime"), "TZif2 and nothing else").unwrap();
        std::fs::write(folder.join("UTC"), "").unwrap();
        std::fs::create_dir(folder.join("UTC0")).unwrap();
        assert!(!known(None, folder));
        assert!(!known(Some("UTC"), folder), "its file is damaged");
        assert!(known(Some("UTC0"), folder), "there is no such file");
    }

    #[test]
    fn a_file_is_found_by_its_exact_name_and_counts_no_leap_seconds() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("Zone"), file(0)).unwrap();
        std::fs::write(folder.join("Leap"), file(1)).unwrap();
        assert!(known(Some("Zone"), folder) && known(Some(":Zone"), folder));
        assert!(known(Some(folder.join("Zone").to_str().unwrap()), Path::new("elsewhere")));
        assert!(!known(Some("Leap"), folder));
        assert_eq!(leap_seconds(&file(7)), Some(7));
        for end in 0..file(1).len() {
            assert_ne!(leap_seconds(&file(1)[..end]), Some(0), "{end}");
        }
    }

    /// A file of a zone that is always UTC, with so many leap seconds.
    fn file(leaps: u32) -> Vec<u8> {
        let part = |leaps: u32, of: usize| {
            let mut part = [b"TZif2".as_slice(), &[0; 15]].concat();
            for number in [0, 0, leaps, 0, 1, 4] {
                part.extend(u32::to_be_bytes(number));
            }
            part.extend(b"\0\0\0\0\0\0UTC\0");
            for leap in 1..=u64::from(leaps) {
                let at = (78_796_800 * leap).to_be_bytes();
                part.extend(&at[8 - of..]);
                part.extend(u32::try_from(leap).unwrap().to_be_bytes());
            }
            part
        };
        [part(0, 4), part(leaps, 8), b"\nUTC0\n".to_vec()].concat()
    }
}
