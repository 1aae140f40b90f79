import type { SourceVerdict, WatchVerdict } from '../deploy/plan.ts';
import { judgeSource, type SourceFinding, type WatchFacts } from './watch-sources.ts';

/**
 * Judges a release from all samples so far. The verdict is `fail` as soon as a source decides
 * against the release. Before the end, the only other verdict is `open`. At the end, `pass` needs
 * probes, a source that proved health, no source against the release, and data from every required
 * source. If one of these is missing, the verdict is `inconclusive`.
 */
export function judgeWatch(facts: WatchFacts & { final: boolean }): WatchVerdict {
  const findings = facts.watch.sources.map((source) => judgeSource(source, facts));
  const sources = findings.map(({ name, verdict, logE, logH }): SourceVerdict => {
    return { name, verdict, logE, logH };
  });
  const said = findings.map(({ sentence }) => sentence);
  const samples = facts.samples.length;
  const bad = findings.filter(({ verdict }) => verdict === 'rollback');
  if (bad.length > 0)
    return { verdict: 'fail', sources, samples, reasons: bad.map(({ sentence }) => sentence) };
  if (!facts.final) return { verdict: 'open', sources, samples, reasons: said };
  const doubts = whyNotPass(findings);
  return doubts.length === 0
    ? { verdict: 'pass', sources, samples, reasons: said }
    : { verdict: 'inconclusive', sources, samples, reasons: [...doubts, ...said] };
}

function whyNotPass(findings: readonly SourceFinding[]): string[] {
  const noData = findings.filter(({ verdict, required }) => verdict === 'no-data' && required);
  const against = findings.filter((finding) => finding.against);
  const proven = findings.some(({ verdict }) => verdict === 'healthy');
  return [
    ...(findings.some(({ name }) => name === 'probes') ? [] : ['no probes were planned']),
    ...noData.map(
      ({ name }) => `the required source "${name}" had no data: the watch is inconclusive`,
    ),
    ...against.map(({ name }) => `"${name}" is failing or close to its limit as the window ends`),
    ...(proven ? [] : ['no source proved health within the window']),
  ];
}
