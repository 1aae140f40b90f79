import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';

/**
 * A shell script that counts the lines, errors and requests in `docker logs`. It prints the same
 * format as the script for the journal. Each count is the sum over all containers of the service.
 * The lines of `docker logs` have no priority, so a line is an error if its text contains an error
 * word or an error level. If a container is missing or its log is unreadable, the script prints a
 * status other than 0. Arguments: $1 = container or compose service, $2 = first second (Unix time,
 * or +N for N seconds ago), $3 = bucket size in seconds, $4 = pattern, $5 = sudo or "", $6 =
 * compose project or "".
 */
export const dockerLogScript = `
set -u
unit=$1 from=$2 size=$3 sudo=$5 project=$6
PLIMSOLL_PATTERN=$4
export PLIMSOLL_PATTERN LC_ALL=C
now=$(date +%s)
case $from in +*) from=$((now - \${from#+})) ;; esac
if [ -n "$sudo" ] && sudo -n docker version >/dev/null 2>&1; then sudo='sudo -n'; else sudo=''; fi
boxes=$unit
if [ -n "$project" ]; then
  label=com.docker.compose
  boxes=$($sudo docker ps -a -q --filter "label=$label.project=$project" \\
    --filter "label=$label.service=$unit") || boxes=''
fi
{
  status=1
  for box in $boxes; do
    $sudo docker logs --since "$from" --until "$now" --timestamps "$box" 2>&1
    status=$?
    [ "$status" = 0 ] || break
  done
  echo "status $status"
} | awk -v now="$now" -v size="$size" '
  function epoch(text,   y, m, s, sign) {
    y = substr(text, 1, 4) + 0; m = substr(text, 6, 2) - 3
    if (m < 0) { m += 12; y-- }
    s = 365 * y + int(y / 4) - int(y / 100) + int(y / 400)
    s = (s + int((153 * m + 2) / 5) + substr(text, 9, 2) - 719469) * 86400
    s += substr(text, 12, 2) * 3600 + substr(text, 15, 2) * 60 + substr(text, 18, 2)
    if (match(text, /[+-][0-9][0-9]:[0-9][0-9]$/)) {
      sign = substr(text, RSTART, 1) == "-" ? 1 : -1
      s += sign * (substr(text, RSTART + 1, 2) * 3600 + substr(text, RSTART + 4, 2) * 60)
    }
    return s
  }
  BEGIN { pattern = ENVIRON["PLIMSOLL_PATTERN"]; status = 1; oldest = 0 }
  /^status [0-9]+$/ { status = $2; next }
  !/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T/ { next }
  {
    age = int((now - epoch($1)) / size); if (age < 0) age = 0
    if (age > oldest) oldest = age
    lines[age]++
    message = substr($0, length($1) + 2)
    low = tolower(message)
    bad = 0
    if (message ~ /(^|[^A-Za-z])(ERROR|FATAL|PANIC|CRITICAL|Traceback|Unhandled|Uncaught)([^A-Za-z]|$)/) bad = 1
    if (low ~ /(level|severity)"? ?[:=] ?"?(error|fatal|critical|panic)/) bad = 1
    if (message ~ /^<[0-3]>/) bad = 1
    if (bad) errors[age]++
    if (pattern != "" && message ~ pattern) requests[age]++
  }
  END {
    for (age = oldest; age >= 0; age--)
      if (lines[age]) print "bucket", age, errors[age] + 0, requests[age] + 0, lines[age]
    print "end", now, status
  }'
`;

/**
 * Returns the compose project, which is the last argument of the script, or "" if docker compose
 * does not run the container.
 */
export const composeProject = ({ compose }: Pick<VpsTarget, 'compose'>) => compose?.project ?? '';
