//! Accounts of forges: which of them a `noreply` address may be.
//!
//! Decides how such addresses are read. Where a form can be read in several ways, all of them count:
//! matching too much only excludes.

use super::email::{Address, normalise_domain};
use super::text::fold;

/// The key under which an account is looked up; ids and logins share it.
pub(super) fn key(host: &str, account: &str) -> String {
    format!("{}:{}", normalise_domain(host), fold(account.trim()))
}

/// The host of a forge, as hosts are compared. None if it is none: lists name it without scheme, port and path.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let odd = |char: char| !char.is_alphanumeric() && !matches!(char, '.' | '-');
    Some(normalise_domain(text)).filter(|host| !host.is_empty() && !text.contains(odd))
}

/// Whether this is a login or the id of an account, as forges give them out.
#[must_use]
pub fn is_account(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"[bot]").unwrap_or(text);
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// The keys of every account that an address may be the `noreply` address of.
///
/// The forms are `ID+login@`, `login@`, `ID-login@` and `ID@`, at `users.noreply.HOST` (GitHub, GitLab) or
/// `noreply.HOST` (Gitea, Forgejo).
pub(super) fn accounts(address: &Address) -> Vec<String> {
    let host = address
        .domain()
        .and_then(|domain| domain.strip_prefix("users.noreply.").or_else(|| domain.strip_prefix("noreply.")));
    let Some(host) = host.filter(|host| !host.is_empty()) else { return Vec::new() };
    let local = address.local();
    let mut accounts = vec![local];
    for separator in ['+', '-'] {
        if let Some((id, login)) = local.split_once(separator)
            && !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_digit())
        {
            accounts.extend([id, login]);
        }
    }
    accounts.retain(|account| !account.is_empty());
    accounts.into_iter().map(|account| format!("{host}:{account}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts_of(email: &str) -> Vec<String> {
        accounts(&Address::read(email.as_bytes()))
    }

    #[test]
    fn a_host_stands_alone() {
        assert_eq!(host("GitHub.com.").as_deref(), Some("github.com"));
        assert_eq!(host("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        for odd in ["", ".", "https://github.com", "github.com/", "github.com:443", "a b", "a@b"] {
            assert_eq!(host(odd), None, "{odd}");
        }
    }

    #[test]
    fn every_form_is_read() {
        let both = ["github.com:583231+octocat", "github.com:583231", "github.com:octocat"];
        assert_eq!(accounts_of("583231+Octocat@users.noreply.GitHub.com"), both);
        assert_eq!(accounts_of("octocat@users.noreply.github.com"), ["github.com:octocat"]);
        assert_eq!(accounts_of("12@users.noreply.gitlab.com"), ["gitlab.com:12"]);
        assert_eq!(accounts_of("ada@noreply.codeberg.org"), ["codeberg.org:ada"]);
        let corp = ["git.corp.example:12-ada-b", "git.corp.example:12", "git.corp.example:ada-b"];
        assert_eq!(accounts_of("12-ada-b@users.noreply.git.corp.example"), corp);
    }

    #[test]
    fn a_login_with_a_hyphen_is_not_cut() {
        assert_eq!(accounts_of("ada-b@users.noreply.github.com"), ["github.com:ada-b"]);
        assert_eq!(
            accounts_of("49+app[bot]@users.noreply.github.com").last().unwrap(),
            "github.com:app[bot]"
        );
    }

    #[test]
    fn logins_and_ids_are_told_from_other_text() {
        for account in ["octocat", "Octo-Cat_2.x", "583231", "dependabot[bot]"] {
            assert!(is_account(account.as_bytes()), "{account}");
        }
        for other in ["", "[bot]", "a[bot]b", "Octo Cat", "octo/cat", "a,b", "octo@x", "a:b", "zoë", "a\n"] {
            assert!(!is_account(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn other_addresses_are_no_accounts() {
        for email in
            ["ada@github.com", "ada@users.noreply.", "@users.noreply.github.com", "noreply.github.com"]
        {
            assert!(accounts_of(email).is_empty(), "{email}");
        }
    }

    #[test]
    fn hosts_and_logins_ignore_case() {
        assert_eq!(key("GitHub.com", "OctoCat"), "github.com:octocat");
    }
}
