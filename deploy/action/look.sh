#!/usr/bin/env bash
# Runs `mapping check`, `mapping test` and `plan`, writes what they say into the job's summary, and comments it on the
# pull request. Ends with 1 if one of them failed, after the comment: what failed is what people want to read.
# Needs CONFIG, PLAN (remap, sync, none) and COMMENT (true, false); with COMMENT also GH_TOKEN and PULL_REQUEST.
set -uo pipefail

# Bytes of a command's text in the comment: GitHub's limit for a comment is 65,536 characters.
most=18000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=

# section TITLE MEANING_OF_10 COMMAND…: adds what the command prints to the comment. A fence of four backticks holds text
# with three.
section() {
  local title=$1 changes=$2 status=0
  shift 2
  "$@" >"$folder/out" 2>&1 || status=$?
  cat "$folder/out"
  # Tests are nobody's duty.
  if [ "$title" = "mapping test" ] && grep -q "^Error: There are no tests" "$folder/out"; then
    last=0
    return
  fi
  local verdict=ok open=
  case $status in
    0) ;;
    10) verdict=$changes open=" open" ;;
    *) verdict="failed (exit $status)" open=" open" failed=1 ;;
  esac
  {
    echo "<details$open><summary><b>$title</b>: $verdict</summary>"
    echo
    echo '````'
    # A character that the cut halves is left out.
    head -c "$most" "$folder/out" | iconv -c -f utf-8 -t utf-8 | sed 's/````/` ` ` `/g'
    echo '````'
    [ "$(wc -c <"$folder/out")" -le "$most" ] || printf '\nThis is cut: the log of the job has the rest.\n'
    echo
    echo "</details>"
    echo
  } >>"$folder/sections"
  last=$status
}

section "mapping check" "" pipedrive-planhat mapping check --config "$CONFIG"
[ "$last" -ne 0 ] || section "mapping test" "" pipedrive-planhat mapping test --config "$CONFIG"
status=unchanged
if [ -z "$failed" ]; then
  case $PLAN in
    none) ;;
    remap) section "plan of the rows" "changes" pipedrive-planhat plan --remap --exit-code --config "$CONFIG" ;;
    sync) section "plan" "changes" pipedrive-planhat plan --exit-code --config "$CONFIG" ;;
    *)
      echo "The input plan is \"$PLAN\"; it can be remap, sync or none." >&2
      exit 2
      ;;
  esac
  [ "$last" -ne 10 ] || status=changes
fi
[ -z "$failed" ] || status=failed

{
  echo "### pipedrive-planhat: $status"
  echo
  cat "$folder/sections"
} >"$folder/comment.md"

cat "$folder/comment.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
echo "status=$status" >>"${GITHUB_OUTPUT:-/dev/null}"
if [ "$COMMENT" = true ] && [ -n "${PULL_REQUEST:-}" ]; then
  gh pr comment "$PULL_REQUEST" --repo "$GITHUB_REPOSITORY" --edit-last --create-if-none --body-file "$folder/comment.md" ||
    echo "::warning::The comment could not be written: does the job have the permission pull-requests: write?"
fi
[ -z "$failed" ]
