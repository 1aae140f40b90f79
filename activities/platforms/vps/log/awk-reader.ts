import { rules } from '../../../../domain/watch/log-lines/rules.ts';

/**
 * Returns a rule as a regular expression literal of awk, with octal escapes for control characters.
 * A rule in a variable would be slow: some versions of awk compile it again for each line, which
 * takes 1 ms.
 */
const literal = (rule: string) =>
  `/${rule.replaceAll('/', '\\/').replaceAll(
    // oxlint-disable-next-line no-control-regex -- these characters are escaped
    /[\u0000-\u001f\u007f]/g,
    (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )}/`;

/**
 * Returns every rule with its name in the program. `rules.head.time` has the name `r_head_time`.
 */
function named(of: object, prefix = 'r'): [string, string][] {
  return Object.entries(of).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[`${prefix}_${name}`, literal(value)] as [string, string]]
      : named(value as object, `${prefix}_${name}`),
  );
}

/**
 * Functions of awk that judge the lines of a log in the same way as `judgeLines`. A test compares
 * both.
 *
 * `take(text, from, age, at, fresh)` reads one line. `from` is the stream of the line, `age` its
 * bucket, and `at` its time in seconds. `fresh` is 0 if the line belongs to an earlier sample. Such
 * a line is not counted, but the next lines may belong to its error. The sums are in `errors[age]`
 * and `unread[age]`. `pattern` is the pattern of the access log.
 *
 * The program contains no single quote, because the shell script puts the program into single
 * quotes.
 */
const program = `
  function clean(s,   n) {
    sub(/^\\357\\273\\277/, "", s)
    gsub(r_ansi, "", s)
    sub(r_prefix, "", s)
    gsub(/\\342[\\224\\225][\\200-\\277]/, " ", s)
    sub(/\\r+$/, "", s)
    n = gsub(/[\\001-\\010\\012-\\037\\177]/, " ", s)
    U = (n * 5 > length(s))
    return s
  }
  function level_of_word(w) {
    w = toupper(w)
    sub(/[+][0-9]+$/, "", w)
    gsub(/^[ \\t]+|[ \\t]+$/, "", w)
    if (w ~ r_fatalLevel) return "f"
    if (w ~ r_errorLevel || w == "E") return "e"
    return (w ~ r_quietLevel || w ~ /^[DIWT]$/) ? "q" : ""
  }
  function level_of_number(n, gelf,   scale) {
    n = n + 0
    if (gelf) return n <= 2 ? "f" : (n == 3 ? "e" : "q")
    if (n >= 100) {
      scale = n >= 5000 ? 100 : 1
      if (n >= 500 * scale) return "f"
      return n >= 400 * scale ? "e" : "q"
    }
    if (n >= 60) return "f"
    return n >= 50 ? "e" : "q"
  }
  function level_of(v, gelf) {
    return v ~ r_levelNumber ? level_of_number(v, gelf) : level_of_word(v)
  }
  function is_level(key, depth, parent) {
    if (depth == 1) return key ~ r_levelKey
    if (depth == 2 && parent == "log") return key == "level"
    if (depth == 2 && key == "logLevel") return 1
    return parent ~ r_nestedLevelKey && (key == "name" || key == "level")
  }
  function unescaped(s) {
    gsub(/\\\\\\\\/, "", s)
    gsub(/\\\\"/, "", s)
    return s
  }
  function read_json(text,   parts, n, i, between, key, value, depth, level, failed, parent, gelf, keys) {
    n = split(unescaped(text), parts, "\\"")
    gelf = index(text, "\\"short_message\\"") > 0
    depth = 0; level = ""; failed = 0; S = 0
    for (i = 1; i <= n; i += 2) {
      between = parts[i]
      key = i > 1 ? parts[i - 1] : ""
      if (i > 1 && between ~ /^[ \\t]*:/) {
        value = between
        sub(/^[ \\t]*:[ \\t]*/, "", value)
        sub(/[ \\t,}].*$/, "", value)
        if (value == "") value = parts[i + 1]
        parent = keys[depth - 1]
        if (level == "" && is_level(key, depth, parent)) level = level_of(value, gelf)
        if ((depth == 1 || (depth == 2 && parent ~ r_responseKey)) && key ~ r_statusKey && value ~ /^4[0-9][0-9]$/) S = 1
        if (depth == 1 && key ~ r_errorKey && value !~ /^(null|false|0)?$/) failed = 1
        keys[depth] = key
      }
      depth += gsub(/[[{]/, "", between)
      depth -= gsub(/}|]/, "", between)
    }
    if (level == "" && failed) level = "e"
    if (level == "" && depth > 0) U = 1
    return level
  }
  function read_pairs(text,   parts, n, i, outside, at, rest) {
    n = split(unescaped(text), parts, "\\"")
    outside = parts[1]
    for (i = 3; i <= n; i += 2) outside = outside "\\"" parts[i]
    if (!match(outside, r_pairLevel)) return ""
    at = RSTART; rest = substr(outside, RSTART + RLENGTH)
    if (at > 1 && outside !~ r_pairMessage) return ""
    if (substr(rest, 1, 1) != "\\"") { sub(/[ \\t"].*$/, "", rest); return level_of(rest, 0) }
    rest = substr(outside, 1, at - 1)
    return level_of(parts[gsub(/"/, "", rest) * 2 + 2], 0)
  }
  function level_at(first_word, after, depth, timed, first,   word, tail, level, mark, q) {
    if (first_word ~ r_head_klogError && after ~ /^ +[0-9]/) return "e"
    if (first_word ~ r_head_klogQuiet && after ~ /^ +[0-9]/) return "q"
    if (after ~ /^,/ && first_word ~ r_head_letterLevel) return first_word == "F" ? "f" : "e"
    if (after ~ /^,/ && first_word ~ r_head_letterQuiet) return "q"
    if (depth > 0 && first_word ~ /^[EFDIW]$/ && after ~ /^ [0-9]/) return level_of_word(first_word)
    if (first_word ~ /^[A-Za-z0-9_-]+[.:][A-Za-z]+:?$/) {
      q = first_word
      sub(/^[A-Za-z0-9_-]+[.:]/, "", q); sub(/:$/, "", q)
      if (length(q) > 2 && (depth > 0 || q == toupper(q))) { level = level_of_word(q); if (level != "") return level }
    }
    word = match(first_word, /^[A-Za-z]+/) ? substr(first_word, 1, RLENGTH) : ""
    tail = substr(first_word, length(word) + 1)
    level = length(word) > 2 ? level_of_word(word) : ""
    if (level == "" || tail !~ r_head_afterLevel || tail ~ /^=[^=]/) return ""
    mark = tail != "" || depth > 0 || after ~ /^[(]| *[|)]|^\\t|^ +-+ |^  /
    if (word == toupper(word)) return (first && !timed && !mark && word ~ r_ambiguousLevel) ? "" : level
    if (tail ~ /^:/) return (tail == ":" || depth > 0) ? level : ""
    if (depth > 0) return (tail == "" && after ~ /^ *([)|]|$)/) ? level : ""
    return (timed && tail == "" && (level == "q" || word ~ /^(error|fatal)$/)) ? level : ""
  }
  function is_exception(first_word, after, depth) {
    if (first_word ~ r_head_rubyException) return first_word ~ /:$/ || after ~ /^ [(]/
    if (first_word !~ r_head_exception) return 0
    if (first_word ~ /:/ && first_word !~ /[A-Za-z]::[A-Z][A-Za-z]*$/) return 1
    return after ~ /^( +[(].*| *)$/ || (depth > 0 && after ~ /^[)]/)
  }
  function brackets(s) { gsub(/[[<]/, "(", s); gsub(/]|>/, ")", s); gsub(/\\\\/, ".", s); return s }
  function walk(text,   json, rest, full, depth, timed, others, words, gap, first_word, after, level, named) {
    K = "h"; S = 0
    json = index(text, "{\\"") > 0
    if (json ? text ~ r_access_logger : text ~ r_access_line) return ""
    rest = brackets(substr(text, 1, ${600}))
    full = length(rest)
    depth = 0; timed = 0; others = 0
    for (words = 0; words < ${24}; words++) {
      for (;;) {
        if (match(rest, r_head_separators)) {
          gap = substr(rest, 1, RLENGTH)
          rest = substr(rest, RLENGTH + 1)
          if (gap ~ r_head_sign) timed = 1
        } else if (substr(rest, 1, 1) == "(") { depth++; rest = substr(rest, 2) }
        else if (substr(rest, 1, 1) == ")") { if (depth > 0) depth--; rest = substr(rest, 2) }
        else break
      }
      if (rest ~ /^[{] *"/) return read_json(substr(text, full - length(rest) + 1))
      if (depth == 0 && rest ~ r_head_logfmt) {
        level = read_pairs(substr(text, full - length(rest) + 1))
        if (level != "") return level
      }
      if (rest ~ r_head_phrase) {
        K = rest ~ /^(Exception Group )?Traceback/ ? "t" : rest ~ /^(thread .*panicked at .*|Unhandled exception):$/ ? "p" : (rest ~ /^Internal Server Error/ ? "h" : "x")
        return rest ~ r_head_fatalPhrase ? "f" : "e"
      }
      if (!match(rest, r_head_token)) break
      first_word = substr(rest, 1, RLENGTH); after = substr(rest, RLENGTH + 1)
      level = level_at(first_word, after, depth, timed, words == 0 && depth == 0)
      if (level != "") return level
      if (is_exception(first_word, after, depth)) { K = "x"; return "e" }
      if (first_word ~ r_head_time) timed = 1
      named = first_word ~ r_head_name && (timed || depth > 0 || first_word ~ /:$/)
      if (depth == 0 && first_word !~ r_head_filler && !named) { others++; if (!(timed && others < 2)) break }
      rest = after
    }
    rest = substr(text, 1, ${600}); gsub(/[[<]/, "(", rest)
    if (rest ~ r_head_insideException) { K = "x"; return "e" }
    return rest ~ r_head_inside ? "e" : ""
  }
  function is_stranger(text) { return text ~ r_stranger && text !~ r_upstream }
  # Sets T = the cleaned text, L = its level, O = the level without the priority before the line,
  # K = its kind, S = of a stranger, U = unread.
  function classify(s,   said, priority) {
    T = clean(s); L = ""; O = ""; K = "h"; S = 0
    if (U || T == "") return
    said = T; priority = 7
    if (T ~ /^<[0-7]>/) { priority = substr(T, 2, 1) + 0; said = substr(T, 4) }
    O = L = read_text(said)
    if (U) L = O = ""
    if (priority <= 3 && L != "e" && L != "f") L = priority <= 2 ? "f" : "e"
    if ((L == "e" || L == "f") && is_stranger(said)) S = 1
  }
  function read_text(said) {
    if (said ~ r_exposed) { S = 1; return "" }
    if (!(said ~ /^ *[{] *"/ && said !~ /} *$/) && tolower(said) !~ r_suspect && said !~ r_warning) return ""
    if (said ~ r_always) return "f"
    if (said ~ r_elixir) { K = "x"; return "e" }
    return walk(said)
  }
  function belongs(f,   said, whole, bad, begins, blank) {
    if (U) return 0
    whole = T
    sub(/^<[0-7]>/, "", whole); said = whole; sub(/^([[][^ ]*] ?)+/, "", said)
    if (said ~ r_more_panic) return 0
    if (g_kind[f] == "p") { g_kind[f] = "x"; return 1 }
    if (O == "" && said ~ /^[ \\t]*$/) { g_blank[f] = 1; return 1 }
    if (said ~ r_more_inner) return 1
    bad = O == "e" || O == "f"; begins = bad && K != "h"
    blank = g_blank[f]; g_blank[f] = 0
    if (O != "" && K == "h" && whole ~ /^ ? ? ?[^ \\t]/) return bad && g_npm[f] && whole ~ /^npm /
    if (begins && said ~ /^[ \\t]/ && blank && g_framed[f] && g_kind[f] == "x") return 0
    if (said ~ r_more_chained) { g_kind[f] = "h"; return 1 }
    if (said ~ /^[ \\t]/) { if (said ~ r_more_frame) g_framed[f] = 1; return 1 }
    if (begins && (g_kind[f] == "h" || g_kind[f] == "t")) { g_kind[f] = g_kind[f] == "t" ? "x" : K; return 1 }
    if (begins && g_kind[f] == "w" && said ~ r_qualified) { g_kind[f] = "x"; return 1 }
    if (begins && g_kind[f] == "x" && said ~ r_more_twin) return 1
    if (bad) return g_npm[f] && said ~ /^npm /
    if (g_kind[f] == "t" && g_framed[f] && said ~ r_more_last) { g_kind[f] = "x"; return 1 }
    return said ~ r_more_line
  }
  function opened(f, at, age, counts, kind, framed) {
    g_open[f] = 1; g_at[f] = at; g_age[f] = age; g_kind[f] = kind; g_framed[f] = framed
    g_blank[f] = 0; g_npm[f] = 0; g_counts[f] = counts; g_joins[f] = 0; g_stranger[f] = S; g_text[f] = T
    if (counts) errors[age]++
  }
  function take(text, f, age, at, fresh,   near, joins) {
    classify(text)
    near = g_open[f] && at - g_at[f] <= 3
    if (near && belongs(f)) {
      g_at[f] = at
      if (g_joins[f] && g_framed[f]) {
        if (g_counts[f]) errors[g_age[f]]--
        g_age[f] = j_age[f]; g_counts[f] = 1; g_joins[f] = 0; g_stranger[f] = 0
      }
      if (S) g_stranger[f] = 1
      if (S && g_counts[f] && pattern != "") { errors[g_age[f]]--; g_counts[f] = 0 }
    } else if (U) { if (fresh) unread[age]++ }
    else if (L == "e" || L == "f") {
      joins = near && g_kind[f] == "h" && g_counts[f] && !g_stranger[f] && T ~ r_more_plain &&
        g_text[f] !~ r_more_plain && index(g_text[f], substr(T, 8)) > 0
      j_age[f] = g_age[f]
      opened(f, at, age, fresh && !(S && pattern != ""), K, 0)
      g_joins[f] = joins
      g_npm[f] = T ~ /^(<[0-7]>)?npm /
    } else if (T ~ r_anyFrame && s_at[f]) {
      opened(f, at, s_age[f], s_fresh[f], "x", 1)
    } else {
      if (g_open[f] && !(near && g_kind[f] == "t")) g_open[f] = 0
      if (L == "q" && T ~ r_warning) opened(f, at, age, 0, "w", 0)
      s_at[f] = L == "" && T ~ r_named; s_age[f] = age; s_fresh[f] = fresh
      return
    }
    s_at[f] = 0
  }`;

const literals = new Map(named(rules));

function literalOf(name: string): string {
  const rule = literals.get(name);
  if (rule === undefined) throw new Error(`There is no rule ${name}.`);
  return rule;
}

export const awkReader = program.replaceAll(/\br_\w+/g, literalOf);
