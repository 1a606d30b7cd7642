#!/bin/sh
# `withhold check` as a CI job runs it; action.yml calls it. What the job is told comes in the environment, never in
# the text of a command: a branch may be called anything.
#
#   WITHHOLD_PROGRAM  the program, if it is not on PATH
#   BRANCH            the branch that the revision is for; on GitHub, by default the one that a pull request goes
#                     into, or that was pushed
#   LIST BASELINE FORMAT OUTPUT ALLOWED_SIGNERS SIGNER    as the options of withhold check; empty: as without
#   MANIFEST          tracked (default), published or none
set -eu

branch=${BRANCH:-${GITHUB_BASE_REF:-}}
if [ -z "$branch" ] && [ "${GITHUB_REF_TYPE:-}" = branch ]; then
    branch=${GITHUB_REF_NAME:-}
fi
case ${MANIFEST:-tracked} in
    tracked) ;;
    published) set -- --published "$@" ;;
    none) set -- --no-manifest "$@" ;;
    *)
        echo "withhold: MANIFEST is '$MANIFEST', and has to be tracked, published or none" >&2
        exit 2
        ;;
esac
[ -z "$branch" ] || set -- "--branch=$branch" "$@"
[ -z "${LIST:-}" ] || set -- "--list=$LIST" "$@"
[ -z "${BASELINE:-}" ] || set -- "--baseline=$BASELINE" "$@"
[ -z "${ALLOWED_SIGNERS:-}" ] || set -- "--allowed-signers=$ALLOWED_SIGNERS" "$@"
[ -z "${SIGNER:-}" ] || set -- "--signer=$SIGNER" "$@"
[ -z "${OUTPUT:-}" ] || set -- "--output=$OUTPUT" "$@"

exec "${WITHHOLD_PROGRAM:-withhold}" check HEAD "--format=${FORMAT:-github}" "$@"
