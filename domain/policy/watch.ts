import type { SourceVerdict, WatchVerdict } from '../plan.ts';
import { judgeSource, type SourceFinding, type WatchFacts } from './watch-sources.ts';

export { detectionPower } from './detection-power.ts';

/**
 * The verdict on a release from all looks so far. `fail` at once when a source crosses its share of
 * alpha; before the end anything else is `open`. At the end `pass` needs a source that proved
 * health, none against, and every required source seeing; whatever is left is a question for a
 * person.
 */
export function judgeWatch(facts: WatchFacts & { final: boolean }): WatchVerdict {
  const findings = facts.watch.sources.map((source) => judgeSource(source, facts));
  const sources = findings.map(({ name, verdict, logE, logH }): SourceVerdict => {
    return { name, verdict, logE, logH };
  });
  const said = findings.map(({ sentence }) => sentence);
  const looks = facts.looks.length;
  const bad = findings.filter(({ verdict }) => verdict === 'rollback');
  if (bad.length > 0)
    return { verdict: 'fail', sources, looks, reasons: bad.map(({ sentence }) => sentence) };
  if (!facts.final) return { verdict: 'open', sources, looks, reasons: said };
  const doubts = whyNotPass(findings);
  return doubts.length === 0
    ? { verdict: 'pass', sources, looks, reasons: said }
    : { verdict: 'ask', sources, looks, reasons: [...doubts, ...said] };
}

function whyNotPass(findings: readonly SourceFinding[]): string[] {
  const blind = findings.filter(({ verdict, required }) => verdict === 'blind' && required);
  const against = findings.filter((finding) => finding.against);
  const proven = findings.some(({ verdict }) => verdict === 'healthy');
  return [
    ...(findings.some(({ name }) => name === 'probes') ? [] : ['no probes were planned']),
    ...blind.map(({ name }) => `the required source "${name}" was blind: nobody knows`),
    ...against.map(({ name }) => `"${name}" is failing or close to its limit as the window ends`),
    ...(proven ? [] : ['no source proved health within the window']),
  ];
}
