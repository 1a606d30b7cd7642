#!/bin/sh
# The server's gate under a real gitolite (Debian's package gitolite3): scripts/gitolite.sh target/debug/withhold
#
# No SSH server is needed: the client's ssh command is replaced by one that calls gitolite's shell as sshd would.
# Everything happens in a folder of its own, which goes when this ends.
set -eu

withhold=$(realpath "${1:-target/debug/withhold}")
place=$(mktemp -d "${TMPDIR:-/tmp}/gitolite.XXXXXX")
trap 'rm -rf "$place"' EXIT
export GIT_CONFIG_NOSYSTEM=1

# The server: gitolite, a list, and the gate in the place that gitolite has for hooks of all repositories.
mkdir "$place/server" "$place/client"
on_server() { env HOME="$place/server" "$@"; }
on_server git config --global init.defaultBranch main
on_server git config --global user.name server
on_server git config --global user.email server@example.org
on_server git config --global withhold.list "$place/optout.toml"
on_server gitolite setup -a admin >/dev/null 2>&1
mkdir -p "$place/server/.gitolite/hooks/common"
printf '#!/bin/sh\nexec "%s" hook run pre-receive "$@"\n' "$withhold" >"$place/server/.gitolite/hooks/common/pre-receive"
chmod +x "$place/server/.gitolite/hooks/common/pre-receive"
on_server gitolite setup --hooks-only
shell=$(on_server gitolite query-rc GL_BINDIR)/gitolite-shell
cat >"$place/optout.toml" <<'LIST'
schema = 1
list = "corp/all"
serial = 1
[[subject]]
id = "s-ada"
[[subject.identity]]
email = "ada@example.org"
LIST

# The client.
cat >"$place/ssh" <<SSH
#!/bin/sh
for last; do :; done
unset GIT_DIR GIT_WORK_TREE
exec env HOME="$place/server" SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22" SSH_ORIGINAL_COMMAND="\$last" "$shell" bob
SSH
chmod +x "$place/ssh"
export HOME="$place/client" GIT_SSH_COMMAND="$place/ssh"
git config --global init.defaultBranch main
git config --global ssh.variant simple

commit() {
    printf '%s\n' "$2" >"$3"
    git add "$3"
    git -c user.name="$1" -c user.email="$1@example.org" commit --quiet -m "$3"
}

git clone --quiet bob@server:testing "$place/client/testing"
cd "$place/client/testing"
commit bob his a.rs
git push --quiet origin HEAD:main
commit ada hers b.rs
if git push origin HEAD:main 2>"$place/said"; then
    echo "gitolite: an excluded commit was accepted" >&2
    exit 1
fi
grep -q "b.rs, lines 1 of 1" "$place/said" || { cat "$place/said" >&2; exit 1; }
git reset --quiet --hard HEAD~1
commit bob "his, too" c.rs
git push --quiet origin HEAD:main
echo "gitolite: what is excluded was refused, the rest accepted"
