//! Times as a file of allowed signers gives them: `YYYYMMDD[HHMM[SS]]`, in UTC with `Z` or `UTC` behind it, else local.
//!
//! Decides the second that is meant, which for local times is the one that `mktime` finds when it is told that it is not
//! summer: so `ssh-keygen` does it. Where the zone is not known, they are none. Days that no calendar has, and times before 1970, which OpenSSH takes for others, are
//! none.

use jiff::civil::{self, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp as Instant};

use crate::policy::{Timestamp, time as policy};

/// So far apart are the times that `mktime` looks at, when it looks for one that is not in summer.
const STEP: SignedDuration = SignedDuration::from_hours(167);
/// It looks through ten years or so.
const STEPS: i32 = 530;

/// What zones say behind this day, they say of it: jiff's points in time end soon after it.
const LAST_DAY: DateTime = civil::date(9999, 12, 28).at(0, 0, 0, 0);

/// The second that is meant, if it is one after 1970 began, and the zone is known if it is local. Else why it is none.
pub(super) fn parse(text: &[u8], zone: Option<&TimeZone>) -> Result<Timestamp, &'static str> {
    let none = "it gives a time that is none";
    let (time, is_utc) = civil(text).ok_or(none)?;
    let offset = match zone {
        _ if is_utc => Offset::UTC,
        Some(zone) => standard(time, zone).ok_or(none)?,
        None => {
            return Err("it gives a local time, and the time zone of this system is not understood: \
                        write it in UTC, with Z behind it");
        }
    };
    let time = policy::second(time, offset);
    if time > 0 { Ok(time) } else { Err(none) }
}

/// What the calendar and the clock show, and whether they are those of UTC.
fn civil(text: &[u8]) -> Option<(DateTime, bool)> {
    let text = str::from_utf8(text).ok()?;
    let (digits, is_utc) = without_zone(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let number =
        |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<i8>().ok());
    let year = digits[..4].parse::<i16>().ok()?;
    let time = DateTime::new(
        year,
        number(4, 6)?,
        number(6, 8)?,
        number(8, 10)?,
        number(10, 12)?,
        number(12, 14)?,
        0,
    )
    .ok()?;
    Some((time, is_utc))
}

fn without_zone(text: &str) -> (&str, bool) {
    for zone in ["Z", "UTC"] {
        if let Some((digits, last)) = text.split_at_checked(text.len().saturating_sub(zone.len()))
            && !digits.is_empty()
            && last.eq_ignore_ascii_case(zone)
        {
            return (digits, true);
        }
    }
    (text, false)
}

/// The offset at that time, or, in summer, the one of the nearest time that is not.
fn standard(time: DateTime, zone: &TimeZone) -> Option<Offset> {
    let there = zone.to_ambiguous_timestamp(time.min(LAST_DAY)).compatible().ok()?;
    let at = |instant: Instant| Some(zone.to_offset_info(instant)).filter(|info| !info.dst().is_dst());
    if let Some(info) = at(there) {
        return Some(info.offset());
    }
    (1..STEPS).flat_map(|step| [-step, step]).find_map(|step| {
        let instant = there.checked_add(STEP.checked_mul(step)?).ok()?;
        at(instant).map(|info| info.offset())
    })
}

#[cfg(test)]
mod tests {
    use super::super::zone;
    use super::*;

    fn at(text: &str, zone: &str) -> Option<String> {
        let zone = TimeZone::posix(zone).unwrap();
        parse(text.as_bytes(), Some(&zone)).ok().map(|time| policy::text(time).unwrap())
    }

    #[test]
    fn utc_is_what_it_says() {
        for text in ["20240131Z", "20240131z", "202401310000Z", "20240131000000UTC", "20240131utc"] {
            assert_eq!(at(text, "CET-1CEST,M3.5.0,M10.5.0/3").unwrap(), "2024-01-31T00:00:00Z", "{text}");
        }
        assert_eq!(at("20240131235959Z", "UTC0").unwrap(), "2024-01-31T23:59:59Z");
        assert_eq!(at("99991231235959Z", "UTC0").unwrap(), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn local_time_is_never_summer_time() {
        for (text, expected) in [
            ("20240131", "2024-01-30T23:00:00Z"),
            ("20240701", "2024-06-30T23:00:00Z"),
            ("202403310230", "2024-03-31T01:30:00Z"),
            ("202410270230", "2024-10-27T01:30:00Z"),
        ] {
            assert_eq!(at(text, "CET-1CEST,M3.5.0,M10.5.0/3").unwrap(), expected, "{text}");
        }
        assert_eq!(at("99991231", "CET-1CEST,M3.5.0,M10.5.0/3").unwrap(), "9999-12-30T23:00:00Z");
        assert_eq!(at("99991231", "AEST-10AEDT,M10.1.0,M4.1.0/3").unwrap(), "9999-12-30T14:00:00Z");
        assert_eq!(at("20240115", "AEST-10AEDT,M10.1.0,M4.1.0/3").unwrap(), "2024-01-14T14:00:00Z");
    }

    #[test]
    fn nothing_else_is_a_time() {
        for text in [
            "",
            "Z",
            "2024",
            "2024-01-31",
            "20240131T0000Z",
            "20241301Z",
            "20240230Z",
            "202401312400Z",
            "20240131235960Z",
            "19691231Z",
            "19700101Z",
            "2024 1 1",
            "+2024131",
            "2024013１",
        ] {
            assert_eq!(at(text, "UTC0"), None, "{text}");
        }
    }

    #[test]
    fn where_the_zone_is_not_known_no_local_time_is_one() {
        assert!(parse(b"20240131", None).unwrap_err().contains("the time zone of this system"));
        assert_eq!(parse(b"19700102Z", None), Ok(86_400));
    }

    /// `ssh-keygen` accepts the very second at which a key comes to its end, and not the next one.
    #[test]
    fn ssh_keygen_means_the_same_second() {
        let desk = tempfile::tempdir().unwrap();
        let keygen = |args: &[&str], zone: &str| {
            let message = desk.path().join("message");
            std::fs::write(&message, "").unwrap();
            let mut command = std::process::Command::new("ssh-keygen");
            command.args(args).current_dir(desk.path()).env("HOME", desk.path()).env("TZ", zone);
            command.env_remove("SSH_AUTH_SOCK").stdin(std::fs::File::open(message).unwrap());
            command.output().unwrap()
        };
        assert!(keygen(&["-q", "-t", "ed25519", "-N", "", "-f", "key"], "UTC0").status.success());
        let signed = keygen(&["-q", "-Y", "sign", "-n", "x", "-f", "key"], "UTC0").stdout;
        std::fs::write(desk.path().join("signature"), signed).unwrap();
        let public = std::fs::read_to_string(desk.path().join("key.pub")).unwrap();
        let local = desk.path().join("localtime");
        for name in ZONES {
            let Some(zone) = zone::of(Some(name.as_ref()), zone::FOLDER.as_ref(), &local) else {
                assert!(!UNDERSTOOD.contains(name), "{name}");
                continue;
            };
            for text in [
                "20240115",
                "20240715",
                "202403310230",
                "202410270230",
                "202404070230",
                "20240310023015",
                "19710701",
                "19950701",
                "20380401",
                "20500701",
            ] {
                let time = parse(text.as_bytes(), Some(&zone)).unwrap();
                std::fs::write(desk.path().join("allowed"), format!("ada valid-before=\"{text}\" {public}"))
                    .unwrap();
                let accepts = |time: i64| {
                    let time = Instant::from_second(time).unwrap().strftime("-Overify-time=%Y%m%d%H%M%SZ");
                    let time = time.to_string();
                    let args =
                        ["-Y", "verify", "-f", "allowed", "-I", "ada", "-n", "x", "-s", "signature", &time];
                    keygen(&args, name).status.success()
                };
                assert!(accepts(time) && !accepts(time + 1), "{text} {name}: {time}");
            }
        }
    }

    /// Understood without any data of zones.
    const UNDERSTOOD: &[&str] = &[
        "",
        "UTC",
        "UTC0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "EST5EDT,M3.2.0,M11.1.0",
        "<+0545>-5:45",
    ];

    /// Those that are understood mean to `ssh-keygen` what they mean here.
    const ZONES: &[&str] = &[
        UNDERSTOOD[0],
        UNDERSTOOD[1],
        UNDERSTOOD[2],
        UNDERSTOOD[3],
        UNDERSTOOD[4],
        UNDERSTOOD[5],
        UNDERSTOOD[6],
        ":",
        "Europe/Berlin",
        ":Europe/Berlin",
        "europe/berlin",
        "Europe/berlin",
        "Europe/Dublin",
        "America/New_York",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Antarctica/Troll",
        "EST5EDT",
        "CET-1CEST",
        "IST-2IDT,M3.4.4/26,M10.5.0",
        "WET0WEST,M3.5.0/1,M10.5.0",
        "JST-9",
        "AB3",
        "XYZ",
        "ABC25",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,J60,J300",
        "CET-1CEST,59/0,299/25",
        "Foo/Bar",
        "Europe",
        "Europe/../Europe/Paris",
        "posix/Europe/Paris",
        "right/Europe/Paris",
        "right/UTC",
        "/usr/share/zoneinfo/Asia/Tokyo",
        "/etc/passwd",
        "/nowhere",
    ];
}
