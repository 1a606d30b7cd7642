//! The normal form of e-mail addresses, in lists and in commits.
//!
//! Decides which addresses are the same. Must not know whose they are.

use std::borrow::Cow;

use idna::AsciiDenyList;
use unicode_normalization::{UnicodeNormalization as _, is_nfkc};

use super::text::{decode, fold, is_invisible};
use crate::policy::List;

/// Longer domains are not looked at as such: DNS has none, and somebody else's commits choose the length.
const MAX_DOMAIN: usize = 1024;

/// Which domains' addresses compare without plus part or dots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailRules {
    plus: Vec<String>,
    dots: Vec<String>,
}

impl EmailRules {
    /// For the domains `plus`, what follows a `+` before the `@` does not count; for `dots`, dots do not.
    #[must_use]
    pub fn new(plus: &[String], dots: &[String]) -> Self {
        let normal = |domains: &[String]| domains.iter().map(|domain| normalise_domain(domain)).collect();
        Self { plus: normal(plus), dots: normal(dots) }
    }

    /// The rules of a list.
    #[must_use]
    pub fn of(list: &List) -> Self {
        Self::new(&list.plus_addresses, &list.ignore_dots)
    }

    fn apply(&self, local: &str, domain: &str) -> Option<String> {
        let mut local = Cow::Borrowed(local);
        if self.plus.iter().any(|plus| plus == domain)
            && let Some(plus) = local.find('+').filter(|plus| *plus > 0)
        {
            local = Cow::Owned(local[..plus].to_owned());
        }
        if self.dots.iter().any(|dots| dots == domain) && local.contains('.') {
            let bare = local.replace('.', "");
            // Nothing but dots: nobody would be left.
            if !bare.is_empty() {
                local = Cow::Owned(bare);
            }
        }
        match local {
            Cow::Owned(local) => Some(local),
            Cow::Borrowed(_) => None,
        }
    }
}

/// The normal form of an address: two addresses are the same if their normal forms are.
///
/// Bytes that are not UTF-8 are read as Latin-1; white space, characters that nobody sees and enclosing `<>` are
/// left out; the whole is case-folded and in NFC; the domain is in A-labels, without a dot at its end;
/// then plus part and dots are dropped where `rules` say so. Done twice it changes nothing more.
#[must_use]
pub fn normalise(email: &[u8], rules: &EmailRules) -> String {
    Address::read(email).normal(rules)
}

/// Whether this is an address as people have them, and nothing else. Not all that a mail server would take is: what
/// somebody else wrote where an address belongs is doubtful at once.
#[must_use]
pub fn is_address(text: &[u8]) -> bool {
    let text: String = decode(text).nfc().collect();
    // Letters that only look like others (`＠`) would pass for somebody else.
    if !text.is_ascii() && !is_nfkc(&text) {
        return false;
    }
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local = local.strip_suffix("[bot]").unwrap_or(local);
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_'))
    };
    !local.is_empty()
        && local.chars().all(|char| char.is_alphanumeric() || "._+-'=&~#".contains(char))
        && domain.split('.').all(is_label)
        // A version (`1.2.3`) is no domain.
        && domain.rsplit('.').next().is_some_and(|last| last.contains(char::is_alphabetic))
}

/// An address in two parts, before the rules for domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    local: String,
    /// None if there is no `@`.
    domain: Option<String>,
}

impl Address {
    pub(super) fn read(email: &[u8]) -> Self {
        let text: String =
            decode(email).chars().filter(|char| !char.is_whitespace() && !is_invisible(*char)).collect();
        let text = text.trim_start_matches('<').trim_end_matches('>');
        match text.rsplit_once('@') {
            Some((local, domain)) => Self { local: fold(local), domain: Some(normalise_domain(domain)) },
            None => Self { local: fold(text), domain: None },
        }
    }

    /// Nothing is left of it.
    pub(super) fn is_empty(&self) -> bool {
        self.local.is_empty() && self.domain.as_deref().unwrap_or("").is_empty()
    }

    pub(super) fn local(&self) -> &str {
        &self.local
    }

    pub(super) fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The normal form.
    pub(super) fn normal(&self, rules: &EmailRules) -> String {
        let local = self.domain.as_deref().and_then(|domain| rules.apply(&self.local, domain));
        self.with(local.as_deref().unwrap_or(&self.local), self.domain.as_deref())
    }

    /// Every form that a glob may be meant for: normal, with its plus part and dots, and with its
    /// domain in Unicode.
    pub(super) fn forms(&self, rules: &EmailRules) -> Vec<String> {
        let mut forms = vec![self.normal(rules), self.with(&self.local, self.domain.as_deref())];
        if let Some(domain) = self.domain.as_deref().filter(|domain| domain.contains("xn--")) {
            let (unicode, _) = idna::domain_to_unicode(domain);
            forms.push(self.with(&self.local, Some(&fold(&unicode))));
        }
        forms.dedup();
        forms
    }

    fn with(&self, local: &str, domain: Option<&str>) -> String {
        match domain {
            Some(domain) => format!("{local}@{domain}"),
            None => local.to_owned(),
        }
    }
}

/// The normal form of a domain: A-labels, or if that cannot be, case-folded.
pub(super) fn normalise_domain(domain: &str) -> String {
    let domain = domain.trim_end_matches('.');
    // Before folding, because `ß` is a letter of its own in domains; after it for what IDNA refuses.
    let normal = a_labels(domain).unwrap_or_else(|| {
        let folded = fold(domain);
        a_labels(&folded).unwrap_or(folded)
    });
    normal.trim_end_matches('.').to_owned()
}

fn a_labels(domain: &str) -> Option<String> {
    if domain.len() > MAX_DOMAIN {
        return None;
    }
    idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::URL).ok().map(Cow::into_owned)
}

/// A glob on addresses in the form in which addresses are compared.
pub(super) fn normalise_glob(glob: &str) -> String {
    let Some((local, domain)) = glob.trim().rsplit_once('@') else { return fold(glob.trim()) };
    let label = |label: &str| {
        if label.contains(|char: char| "*?[]{},!\\".contains(char)) {
            fold(label)
        } else {
            normalise_domain(label)
        }
    };
    let domain: Vec<_> = domain.split('.').map(label).collect();
    format!("{}@{}", fold(local), domain.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(email: impl AsRef<[u8]>) -> String {
        normalise(email.as_ref(), &EmailRules::default())
    }

    fn rules() -> EmailRules {
        EmailRules::new(&["Gmail.com".to_owned()], &["gmail.com".to_owned()])
    }

    #[test]
    fn what_nobody_sees_shields_nothing() {
        assert_eq!(normalise(b"\xad<ada@corp.example>\xad", &rules()), "ada@corp.example");
        assert_eq!(normalise("\u{200b}<ada@corp.example\u{feff}>".as_bytes(), &rules()), "ada@corp.example");
    }

    #[test]
    fn case_white_space_and_brackets_do_not_matter() {
        assert_eq!(normal("  <Ada@Corp.Example> "), "ada@corp.example");
        assert_eq!(normal("ada @corp.example."), "ada@corp.example");
        assert_eq!(normal("ada@corp.example\u{200b}"), "ada@corp.example");
        assert_eq!(normal("ada\r\n@corp.example"), "ada@corp.example");
    }

    #[test]
    fn domains_are_a_labels() {
        assert_eq!(normal("ada@münchen.example"), "ada@xn--mnchen-3ya.example");
        assert_eq!(normal("ada@MÜNCHEN.example"), normal("ada@XN--MNCHEN-3YA.example"));
        assert_eq!(normal("ada@mu\u{308}nchen.example"), normal("ada@münchen.example"));
        assert_eq!(normal("ada@straße.example"), "ada@xn--strae-oqa.example");
        assert_eq!(normal("ada@corp。example"), "ada@corp.example");
    }

    #[test]
    fn what_is_no_domain_is_kept() {
        assert_eq!(normal("Ada@(None)"), "ada@(none)");
        assert_eq!(normal("Ada@my_host.LOCAL"), "ada@my_host.local");
        assert_eq!(normal("ada@xn--\u{ff}.example"), "ada@xn--ÿ.example");
        assert_eq!(normal("Ada"), "ada");
        assert_eq!(normal("\"A@B\"@Corp.example"), "\"a@b\"@corp.example");
    }

    #[test]
    fn latin_1_is_read_where_it_is_not_utf8() {
        assert_eq!(normal(b"Zo\xeb@corp.example"), normal("zoë@corp.example"));
        assert_eq!(normal(b"zo\xff\xfe@corp.example"), "zoÿþ@corp.example");
    }

    #[test]
    fn an_address_is_told_from_whatever_else_has_an_at() {
        for address in [
            "ada@corp.example",
            "Ada.B+git@Corp.Example.",
            "o'hara@my_host.local",
            "root@localhost",
            "zoë@münchen.example",
            "zoe\u{308}@mu\u{308}nchen.example",
            "583231+AdaB@users.noreply.github.com",
            "49+app[bot]@users.noreply.github.com",
        ] {
            assert!(is_address(address.as_bytes()), "{address}");
        }
        assert!(is_address(b"zo\xeb@corp.example"));
        for other in [
            "",
            "ada",
            "@",
            "ada@",
            "@corp.example",
            "[bot]@corp.example",
            "ada@corp..example",
            "ada@@corp.example",
            "ada@corp.example,bob@x",
            "ada @corp.example",
            "ada@corp.example\u{200b}",
            "mailto:ada@corp.example",
            "ssh://git@forge.example/a/b",
            "git@forge.example:a/b",
            "left-pad@1.3.0",
            "@types/node",
            "\"ada\"@corp.example",
            "'ada@corp.example'",
            "*@corp.example",
            "ada\u{ff20}corp.example",
            "\u{ff41}da@corp.example",
            "ada@corp\u{3002}example",
            "ask @ada about it",
        ] {
            assert!(!is_address(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn plus_and_dots_only_where_the_list_says_so() {
        assert_eq!(normalise(b"A.da+git@gmail.com", &rules()), "ada@gmail.com");
        assert_eq!(normalise(b"a.da+git@corp.example", &rules()), "a.da+git@corp.example");
        assert_eq!(normalise(b"+git@gmail.com", &rules()), "+git@gmail.com");
        assert_eq!(normalise(b"..@gmail.com", &rules()), "..@gmail.com");
    }

    #[test]
    fn globs_get_the_same_form_around_their_wildcards() {
        assert_eq!(normalise_glob("*@Münch*.Example"), "*@münch*.example");
        assert_eq!(normalise_glob("A*@*.münchen.Example"), "a*@*.xn--mnchen-3ya.example");
    }

    #[test]
    fn a_very_long_address_is_no_trouble() {
        let long = format!("{}@{}.example", "a".repeat(1 << 20), "ü".repeat(1 << 20));
        assert!(normal(long).ends_with(".example"));
    }

    fn addresses() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            any::<Vec<u8>>(),
            any::<String>().prop_map(String::into_bytes),
            "[a-zA-Z.+äß]{0,8}@[a-zA-Zäßẞ\u{ff20}。.-]{0,8}(gmail.com|xn--.{0,5})?"
                .prop_map(String::into_bytes),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]
        #[test]
        fn the_normal_form_is_its_own(email in addresses()) {
            let once = normalise(&email, &rules());
            prop_assert_eq!(normalise(once.as_bytes(), &rules()), once);
        }

        #[test]
        fn globs_never_panic(glob in any::<String>()) {
            let _ = normalise_glob(&glob);
        }
    }
}
