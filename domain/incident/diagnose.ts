import type { Diagnosis } from '../deploy/plan.ts';
import { redact } from '../lib/redact.ts';

/** One probe of the service and its result. */
export type Probe = { url: string; ok: boolean; detail: string };

const memory = new RegExp(
  'out of memory|oom[-_ ]?kill|killed process \\d+|cannot allocate memory' +
    '|\\benomem\\b|memoryerror|exit(?:ed)?(?: with)?(?: code| status)?[ =:]{1,2}137\\b',
  'i',
);
const name = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+';
const secret = new RegExp(
  `(?:[Mm]issing|[Rr]equired?s?|[Uu]ndefined|KeyError:?|not found:?)[^\\n]{0,60}\\b${name}\\b` +
    `|\\b${name}\\b[^\\n]{0,40}` +
    '(?:not set|missing|undefined|required|must be set|is empty|not defined)',
);
const listening =
  /(?:listening|listen|running|serving|started|bound|uvicorn)\b.{0,80}?[: ](\d{2,5})\b/i;
const most = 5;

function portOf(url: string): number | null {
  const found = /^(https?):\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(url);
  if (!found) return null;
  return Number(found[2] ?? (found[1]?.toLowerCase() === 'https' ? 443 : 80));
}

/** Matches the text that an activity reports when a container listens on another port. */
const otherPort = /\bport mismatch: it listens on \d+/;

/**
 * Returns the lines that show a port mismatch: for example, the probes use port 18789, but the
 * service listens on port 8000.
 */
function portMismatch(lines: readonly string[], probes: readonly Probe[]): string[] {
  const namingPort = lines.filter((line) => otherPort.test(line));
  if (namingPort.length > 0) return namingPort.slice(-1);
  const failed = probes.filter(({ ok }) => !ok);
  const asked = new Set(failed.map(({ url }) => portOf(url)));
  asked.delete(null);
  if (asked.size === 0) return [];
  const ports = lines.map((line) => ({ line, port: Number(listening.exec(line)?.[1] ?? 0) }));
  const bound = ports.filter(({ port }) => port > 0);
  if (bound.length === 0 || bound.some(({ port }) => asked.has(port))) return [];
  const answers = failed.map(({ url, detail }) => `probed ${url}: ${detail}`);
  return [...bound.map(({ line }) => line).slice(-2), ...answers.slice(0, 2)];
}

/**
 * Returns the cause of a failure and the log lines that show the cause. If the cause is `unknown`,
 * returns the newest lines. Secrets are removed, because people read these lines. The diagnosis
 * never decides about a rollback.
 */
export function diagnose(logLines: readonly string[], probes: readonly Probe[]): Diagnosis {
  const lines = logLines.slice(-2000).map((line) => line.slice(0, 1000));
  const found: [Diagnosis['cause'], string[]][] = [
    ['port mismatch', portMismatch(lines, probes)],
    ['out of memory', lines.filter((line) => memory.test(line))],
    ['missing secret', lines.filter((line) => secret.test(line))],
  ];
  const [cause, evidence] = found.find(([, shown]) => shown.length > 0) ?? [
    'unknown' as const,
    lines.filter((line) => line.trim()),
  ];
  return { cause, evidence: evidence.slice(-most).map(redact) };
}
