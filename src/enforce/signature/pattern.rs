//! Patterns as OpenSSH matches them: `*`, `?`, lists with commas, and `!` before what must not match.
//!
//! Decides whether a text is meant by a list. Works in time that grows with text and pattern only.

/// Longer patterns of a list match nothing, and end it: so says OpenSSH.
const MOST: usize = 1023;

/// Whether a list means the text: one of its patterns does, and none that is negated.
pub(super) fn list_means(text: &[u8], list: &[u8]) -> bool {
    let mut found = false;
    for pattern in split(list) {
        let (negated, pattern) = match pattern.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        if pattern.len() >= MOST {
            return false;
        }
        if matches(text, pattern) {
            if negated {
                return false;
            }
            found = true;
        }
    }
    found
}

/// The patterns of a list. Behind a last comma there is none.
pub(super) fn split(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = list.is_empty();
    let list = list.strip_suffix(b",").unwrap_or(list);
    list.split(|&byte| byte == b',').filter(move |_| !empty)
}

/// Whether a pattern matches all of the text.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    // Where to go on when a `*` has to take one more.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(here) {
            Some(b'*') => {
                here += 1;
                star = Some((at, here));
            }
            Some(&byte) if byte == b'?' || byte == text[at] => {
                at += 1;
                here += 1;
            }
            _ => {
                let Some((taken, behind)) = star else { return false };
                star = Some((taken + 1, behind));
                (at, here) = (taken + 1, behind);
            }
        }
    }
    pattern[here..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_mean_what_openssh_says() {
        for (list, text, means) in [
            ("ada@corp.example", "ada@corp.example", true),
            ("ada@corp.example", "Ada@corp.example", false),
            ("*@corp.example", "ada@corp.example", true),
            ("*@corp.example", "ada@corp.example.org", false),
            ("a?a@*", "ada@corp.example", true),
            ("a?a@*", "aa@corp.example", false),
            ("bob,ada", "ada", true),
            ("bob,ada,", "ada", true),
            ("*,!ada", "ada", false),
            ("!ada,*", "ada", false),
            ("!ada,*", "bob", true),
            ("!ada", "bob", false),
            ("*a*b*c*", "xxaxxbxxcxx", true),
            ("*a*b*c", "abcabd", false),
            ("", "", false),
            ("!", "", false),
            ("*", "", true),
        ] {
            assert_eq!(list_means(text.as_bytes(), list.as_bytes()), means, "{list} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let (text, pattern) = ("a".repeat(100_000), "*a".repeat(500) + "*b");
        assert!(!list_means(text.as_bytes(), pattern.as_bytes()));
    }

    #[test]
    fn a_pattern_that_is_too_long_ends_the_list() {
        assert!(!list_means(b"ada", format!("ada,{}", "*".repeat(MOST)).as_bytes()));
        assert!(list_means(b"ada", format!("ada,{}", "*".repeat(MOST - 1)).as_bytes()));
    }
}
