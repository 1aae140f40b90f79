import { exits } from './exits.ts';

/**
 * Shell functions that restart the service and read its state. Each runner removes its own
 * arguments with `shift`. Each runner has these functions: read_state (reads the state into
 * $facts), identity (prints a value that changes with every start), running (prints the tree from
 * which the process was started), check, build, restart, logs, has_image and remove_image.
 */
const common = `unit=$2
if [ "$3" = sudo ]; then sudo='sudo -n'; else sudo=''; fi
fact() { printf '%s\\n' "$facts" | sed -n "s/^$1=//p"; }
identity() { fact InvocationID; }
up() { [ "$(fact MainPID | sed 's/^0$//')" ]; }
check() { :; }
build() { :; }
has_image() { :; }
remove_image() { :; }
sweep() { :; }
name_of() {
  exe=$(readlink "/proc/$1/exe" 2>/dev/null || cat "/proc/$1/comm" 2>/dev/null || :)
  exe=\${exe% (deleted)}
  printf '%s' "\${exe##*/}" | tr -d '\\000-\\037'
}
parent_of() { sed 's/.*) [A-Za-z] //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1; }
descends() {
  it=$1
  while [ "\${it:-0}" -gt 1 ]; do
    [ "$it" != "$2" ] || return 0
    it=$(parent_of "$it")
  done
  return 1
}
group_of() {
  sed -n 's/^[0-9]*:name=systemd:\\(\\/.\\)/\\1/p; s/^0::\\(\\/.\\)/\\1/p' "/proc/$1/cgroup" 2>/dev/null \\
    | head -n 1
}
start_of() {
  { cat "/proc/$1/environ" 2>/dev/null || $sudo cat "/proc/$1/environ" 2>/dev/null || :; } \\
    | tr '\\000' '\\n' | sed -n 's/^INVOCATION_ID=//p' | head -n 1
}
`;

const asked = 'LoadState,ActiveState,SubState,MainPID,NRestarts';

const systemd = `${common}shift 3
read_state() {
  facts=$(systemctl show "$unit" -p ${asked} -p InvocationID,Result,ExecMainStatus) || :
}
running() {
  up || return 0
  pid=$(fact MainPID)
  cwd=$(readlink "/proc/$pid/cwd" 2>/dev/null || $sudo readlink "/proc/$pid/cwd" 2>/dev/null || :)
  in_tree "$cwd"
}
restart() {
  $sudo systemctl reset-failed "$unit" 9>&- 2>/dev/null || :
  $sudo systemctl restart "$unit" 9>&-
}
sweep() {
  full=\${unit%.service}.service
  main=$(fact MainPID)
  now=$(identity)
  for pid in $({
    grep -lsF "/$full" /proc/[0-9]*/cgroup || :
    [ -z "$before" ] || grep -lsF "INVOCATION_ID=$before" /proc/[0-9]*/environ || :
  } | sed 's/[^0-9]//g' | sort -un); do
    if descends "$pid" "\${main:-0}"; then continue; fi
    start=$(start_of "$pid")
    [ -n "$start" ] && [ -n "$now" ] && [ "$start" != "$now" ] || continue
    case "$(group_of "$pid")/" in
      *"/$full/"*) ;;
      *.service/*|*.scope/*) continue;;
      *) [ "$start" = "$before" ] || continue;;
    esac
    name=$(name_of "$pid")
    kill "$pid" 2>/dev/null || $sudo kill "$pid" 2>/dev/null || continue
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      [ -d "/proc/$pid" ] || break
      sleep 0.3
    done
    if [ -d "/proc/$pid" ]; then
      kill -9 "$pid" 2>/dev/null || $sudo kill -9 "$pid" 2>/dev/null || :
    fi
    echo "stopped=process $pid ($name)"
  done
}
logs() {
  $sudo journalctl -u "$unit" --no-pager -o cat -n "$1" 2>/dev/null \\
    || journalctl -u "$unit" --no-pager -o cat -n "$1"
}
`;

/**
 * Reads the state of a container into $facts, with the field names of systemd. The identity of a
 * container is the time of its last start. Docker writes this time without spaces (RFC 3339), podman
 * with spaces (Go's time.Time as a text). `note` needs a word without spaces.
 */
const container = `form='LoadState=loaded
Status={{.State.Status}}
MainPID={{.State.Pid}}
NRestarts={{.RestartCount}}
StartedAt={{.State.StartedAt}}
ExecMainStatus={{.State.ExitCode}}
OOMKilled={{.State.OOMKilled}}
Image={{.Config.Image}}
{{range .Mounts}}Mount={{.Source}}
{{end}}'
ask() {
  command -v docker >/dev/null || { echo 'docker: not found' >&2; exit ${exits.noDocker}; }
  code=0
  said=$($docker inspect --type container -f "$form" "$1" 2>&1) || code=$?
  case $code:$said in
    0:*) facts=$said;;
    *'o such container'*|*'o such object'*) facts='LoadState=not-found'; return 0;;
    *) printf '%s\\n' "$said" >&2; exit ${exits.noDocker};;
  esac
  case $(fact Status):$(fact ExecMainStatus) in
    running:*) state='active running';;
    restarting:*) state='activating auto-restart';;
    created:*|paused:*|removing:*|exited:0) state="inactive $(fact Status)";;
    *) state="failed $(fact Status)";;
  esac
  result=exit-code
  [ "$(fact OOMKilled)" != true ] || result=oom-kill
  case $state in active*|inactive*) result=success;; esac
  started=$(fact StartedAt | tr ' ' _)
  case $started in 0001-*) started='';; esac
  facts=$(printf '%s\\nActiveState=%s\\nSubState=%s\\nResult=%s\\nInvocationID=%s' \\
    "$facts" "\${state% *}" "\${state#* }" "$result" "$started")
}
`;

const docker = `${common}shift 3
docker="$sudo docker"
${container}read_state() { ask "$unit"; }
running() { by_record; }
check() {
  [ "$(fact LoadState)" = loaded ] || exit ${exits.noSuchContainer}
  fact Mount | while read -r source; do
    case $source/ in "$served"/*|"$(readlink -f "$directory")\${served#"$directory"}"/*) echo y;; esac
    case $directory/ in "\${source%/}"/*) echo y;; esac
  done | grep -q y || { fact Mount; exit ${exits.notMounted}; }
}
restart() { $docker restart "$unit" >/dev/null 9>&-; }
logs() { $docker logs --tail "$1" "$unit" 2>&1; }
`;

/**
 * An awk program that reads the JSON of `docker compose config --format json SERVICE` and prints
 * services.SERVICE.image. It is written in awk, because a host may have no program that reads JSON.
 * `config --images` does not help: it also prints the images of services on which SERVICE depends,
 * in no order (runConfigImages in cmd/compose/config.go of docker compose). The exit code is 1 if
 * there is no such image.
 */
export const imageIn = `{ text = text $0 "\\n" }
END {
  depth = 0; isKey = 0; found = 0
  for (at = 1; at <= length(text); at++) {
    char = substr(text, at, 1)
    if (char == "{" || char == "[") { kind[++depth] = char; isKey = char == "{" }
    else if (char == "}" || char == "]") { depth--; isKey = 0 }
    else if (char == ",") isKey = kind[depth] == "{"
    else if (char == ":") isKey = 0
    else if (char == "\\"") {
      word = ""
      for (at++; (char = substr(text, at, 1)) != "\\"" && char != ""; at++) {
        if (char == "\\\\") { word = word char; char = substr(text, ++at, 1) }
        word = word char
      }
      if (isKey) key[depth] = word
      else if (depth == 3 && kind[1] kind[2] kind[3] == "{{{" && key[1] == "services" &&
        key[2] == service && key[3] == "image") { image = word; found++ }
    }
  }
  if (found != 1) exit 1
  print image
}`;

/**
 * Shell functions for a compose service. The tag of an image is the name of its tree. So earlier
 * images stay, and a rollback needs no build. A ":" separates several compose files, as in
 * COMPOSE_FILE. A container of `compose run` has the label oneoff=True. It is not the service.
 */
const compose = `${common}file=$4 project=$5 variable=$6
shift 6
docker="\${sudo:+$sudo --preserve-env=$variable }docker"
label=com.docker.compose
${container}read_state() {
  command -v docker >/dev/null || { echo 'docker: not found' >&2; exit ${exits.noDocker}; }
  ids=$($docker ps -a -q --no-trunc --filter "label=$label.project=$project" \\
    --filter "label=$label.service=$unit" --filter "label=$label.oneoff=False") ||
    exit ${exits.noDocker}
  box=$(printf '%s\\n' "$ids" | head -n 1)
  if [ -n "$box" ]; then ask "$box"; else facts='LoadState=not-found'; fi
}
running() {
  up || return 0
  image=$(fact Image)
  if is_tree "\${image##*:}"; then echo "releases/\${image##*:}"; else echo "$image"; fi
}
compose() (
  cd "$(path_of "$1")"
  export "$variable=$1"
  shift
  files='' IFS=:
  for it in $file; do files="$files -f $it"; done
  unset IFS
  exec \${bound:-} $docker compose -p "$project" $files "$@" 9>&-
)
image_in='${imageIn}'
image_of() {
  config=$(compose "$1" config --format json "$unit") || return 2
  printf '%s\\n' "$config" | LC_ALL=C awk -v service="$unit" "$image_in"
}
tagged() {
  code=0
  image=$(image_of "$1" 2>"$base/config.log") || code=$?
  [ "$code" != 2 ] || { listed log <"$base/config.log"; exit ${exits.composeFailed}; }
  case $image in *:"$1") ;; *) echo "image=$image"; exit ${exits.imageNotTagged};; esac
}
has_image() { image=$(image_of "$1") && $docker image inspect "$image" >/dev/null 2>&1; }
remove_image() {
  image=$(image_of "$1" 2>/dev/null) || return 0
  case $image in *:"$1") $docker image rm "$image" >/dev/null 2>&1 || :;; esac
}
build() {
  tagged "$1"
  bound="timeout --kill-after=5 $seconds"
  compose "$1" build "$unit" >"$base/build.log" 2>&1 || failed "$?" "$base/build.log"
}
restart() {
  tagged "$tree"
  how='--build'
  [ "$mode" != back ] || how='--no-build --pull never'
  code=0
  compose "$tree" up -d $how --no-deps --force-recreate "$unit" >"$base/up.log" 2>&1 || code=$?
  [ "$code" = 0 ] || tail -n 20 "$base/up.log" | sed 's/^/log=/'
  return "$code"
}
logs() { [ -z "$box" ] || $docker logs --tail "$1" "$box" 2>&1; }
`;

export const runners = { systemd, docker, compose } as const;
