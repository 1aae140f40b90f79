import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { awkReader } from './awk-reader.ts';
import { awkTotals, overlapSeconds } from './awk-totals.ts';

/**
 * A shell script that counts the lines, errors and requests in `docker logs`. The output has the
 * same format as the output of the script for the journal. Each count is the sum over all
 * containers of the service. Containers that `docker compose run` started do not count. The rules
 * of `judgeLines` decide whether a line is an error. If a container is missing or its log is
 * unreadable, the script prints a status other than 0.
 *
 * Arguments: $1 = container or compose service, $2 = first second (Unix time, or +N for N seconds
 * ago), $3 = bucket size in seconds, $4 = pattern, $5 = sudo or "", $6 = compose project or "".
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
    --filter "label=$label.service=$unit" --filter "label=$label.oneoff=False") || boxes=''
fi
{
  status=1
  for box in $boxes; do
    echo "container $box"
    $sudo docker logs --since "$((from - ${overlapSeconds}))" --until "$now" --timestamps "$box" 2>&1
    status=$?
    [ "$status" = 0 ] || break
  done
  echo "status $status"
} | tr -d '\\000' | awk -v now="$now" -v size="$size" -v from="$from" '
  ${awkReader}
  ${awkTotals}
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
  /^status [0-9]+$/ { status = $2; next }
  /^container [^ ]+$/ { box = $2; next }
  $0 == "" { next }
  !/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T/ { count(0); unread[0]++; next }
  {
    at = epoch($1)
    fresh = at >= from
    age = age_of(at)
    if (fresh) count(age)
    take(substr($0, length($1) + 2), box, age, at, fresh)
    if (fresh && pattern != "" && requested(T)) requests[age]++
  }'
`;

/**
 * Returns the compose project, which is the last argument of the script. Returns "" if docker
 * compose does not run the container.
 */
export const composeProject = ({ compose }: Pick<VpsTarget, 'compose'>) => compose?.project ?? '';
