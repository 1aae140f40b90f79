import type {
  Baseline,
  JudgeConfig,
  Look,
  SourceVerdict,
  WatchPlan,
  WatchSource,
} from '../plan.ts';
import { blindness } from './blindness.ts';
import { judgeObjective } from './judge/judge-objective.ts';
import { judgeRatio } from './judge/judge-ratio.ts';
import { isInvalid, type Invalid, type Judgement } from './judge/judgement.ts';
import { percent, rounded } from './numbers.ts';

export type WatchFacts = { watch: WatchPlan; baseline: Baseline | null; looks: readonly Look[] };

/** What one source says. `against`: not crossed, but nobody may call this healthy now. */
export type SourceFinding = SourceVerdict & {
  required: boolean;
  sentence: string;
  against: boolean;
};

/**
 * A source's part of alpha: all of them together raise a false alarm with probability alpha at
 * most.
 */
const shareOf = (judge: JudgeConfig, { share }: WatchSource): JudgeConfig => ({
  ...judge,
  alpha: judge.alpha * share,
});

function judgeProbes({ watch, looks }: WatchFacts, config: JudgeConfig): Judgement | Invalid {
  const seen = looks.flatMap(({ probe }) => (probe === null ? [] : [probe]));
  return judgeObjective({ looks: seen, plannedLooks: watch.plannedLooks, config });
}

/** Errors in a look without a request: each was a request at least, its access-log line is late. */
function counted({ log }: Look): [number, number] {
  if (log === null) return [0, 0];
  const [errors, requests] = log;
  return requests === 0 ? [errors, errors] : [errors, requests];
}

function judgeLog({ watch, baseline, looks }: WatchFacts, config: JudgeConfig) {
  if (baseline === null) return { invalid: 'there is no baseline to compare with' };
  const { plannedLooks } = watch;
  return judgeRatio({ baseline, config, series: looks.map(counted), plannedLooks });
}

function probeNumbers({ looks }: WatchFacts) {
  const seen = looks.filter(({ probe }) => probe !== null).length;
  const failed = looks.filter(({ probe }) => probe === 1);
  const note = failed.at(-1)?.note;
  return `${failed.length} of ${seen} looks failed${note ? `, last: ${note}` : ''}`;
}

function logNumbers({ watch, baseline, looks }: WatchFacts) {
  const [errors, exposure] = looks.map(counted).reduce(([y, n], [a, b]) => [y + a, n + b], [0, 0]);
  const unit = watch.accessLog === null ? 'seconds' : 'requests';
  const now = `${errors} errors in ${rounded(exposure)} ${unit}`;
  if (baseline === null || baseline.requests <= 0) return now;
  const before = baseline.errors / baseline.requests;
  return exposure > 0
    ? `${now} (${percent(errors / exposure)}, before the deploy ${percent(before)})`
    : now;
}

function sentenceOf(source: WatchSource, judged: Judgement, facts: WatchFacts): string {
  const numbers = source.name === 'probes' ? probeNumbers(facts) : logNumbers(facts);
  const { alpha, beta } = facts.watch.judge;
  const limit = Math.log(1 / (alpha * source.share));
  const proof = rounded(Math.max(...judged.logH, 0));
  if (judged.verdict === 'rollback') {
    const evidence = rounded(judged.logE[(judged.rollbackAtLook ?? 1) - 1] ?? 0);
    const since = `${source.name}: bad since look ${judged.rollbackAtLook}`;
    return `${since}: ${numbers}; evidence ${evidence}, limit ${rounded(limit)}`;
  }
  return judged.verdict === 'healthy'
    ? `${source.name}: healthy: ${numbers}`
    : `${source.name}: inconclusive: ${numbers}; ` +
        `evidence of health ${proof}, needs ${rounded(Math.log(1 / beta))}`;
}

/** The newest answered look failed, or the evidence against is strong without having crossed. */
function isAgainst(source: WatchSource, judged: Judgement, { watch, looks }: WatchFacts) {
  const newest = looks.findLast(({ probe }) => probe !== null)?.probe;
  const failing = source.name === 'probes' && newest === 1;
  return failing || (judged.logE.at(-1) ?? 0) >= Math.log(1 / watch.judge.beta);
}

function unjudged(source: WatchSource, why: string): SourceFinding {
  const { name, required } = source;
  const kind = required ? 'blind' : 'blind (advisory)';
  const sentence = `${name}: ${kind}: ${why}`;
  return { name, required, verdict: 'blind', logE: 0, logH: 0, sentence, against: false };
}

export function judgeSource(source: WatchSource, facts: WatchFacts): SourceFinding {
  const config = shareOf(facts.watch.judge, source);
  const judged = source.name === 'probes' ? judgeProbes(facts, config) : judgeLog(facts, config);
  if (isInvalid(judged)) return unjudged(source, judged.invalid);
  const at = judged.rollbackAtLook;
  const logE = (at === null ? judged.logE.at(-1) : judged.logE[at - 1]) ?? 0;
  const numbers = { logE, logH: Math.max(...judged.logH, 0) };
  const saw = ({ probe, log }: Look) => (source.name === 'probes' ? probe : log) !== null;
  const blind = judged.verdict === 'rollback' ? null : blindness(facts.looks, saw);
  if (blind) return { ...unjudged(source, blind), ...numbers };
  const { name, required } = source;
  const against = isAgainst(source, judged, facts);
  const sentence = sentenceOf(source, judged, facts);
  return { name, required, verdict: judged.verdict, ...numbers, sentence, against };
}
