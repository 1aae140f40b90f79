import type {
  Baseline,
  JudgeConfig,
  Sample,
  SourceVerdict,
  WatchPlan,
  WatchSource,
} from '../deploy/plan.ts';
import { missingData } from './missing-data.ts';
import { judgeObjective } from './judge/judge-objective.ts';
import { judgeRatio } from './judge/judge-ratio.ts';
import { isInvalid, type Invalid, type Judgement } from './judge/judgement.ts';
import { percent, rounded, span, unreadWords } from '../messages/parts/numbers.ts';

export type WatchFacts = {
  watch: WatchPlan;
  baseline: Baseline | null;
  samples: readonly Sample[];
};

/**
 * The finding of one source. `against`: the newest probe failed, or the evidence against the
 * release is strong. With such a finding, the watch does not pass.
 */
export type SourceFinding = SourceVerdict & {
  required: boolean;
  sentence: string;
  against: boolean;
};

/**
 * Returns the constants for the test of one source. Each source gets only its share of alpha. So
 * all sources together give a false alarm with a probability of at most alpha.
 */
const shareOf = (judge: JudgeConfig, { share }: WatchSource): JudgeConfig => ({
  ...judge,
  alpha: judge.alpha * share,
});

function judgeProbes({ watch, samples }: WatchFacts, config: JudgeConfig): Judgement | Invalid {
  const seen = samples.flatMap(({ probe }) => (probe === null ? [] : [probe]));
  return judgeObjective({ samples: seen, plannedSamples: watch.plannedSamples, config });
}

/**
 * Returns the errors and requests of a sample. Errors without requests mean that the access log is
 * late. In this case, each error counts as one request.
 */
function counted({ log }: Sample): [number, number] {
  if (log === null) return [0, 0];
  const [errors, requests] = log;
  return requests === 0 ? [errors, errors] : [errors, requests];
}

function judgeLog({ watch, baseline, samples }: WatchFacts, config: JudgeConfig) {
  if (baseline === null) return { invalid: 'there is no baseline to compare with' };
  const { plannedSamples } = watch;
  return judgeRatio({ baseline, config, series: samples.map(counted), plannedSamples });
}

function probeNumbers({ samples }: WatchFacts) {
  const seen = samples.filter(({ probe }) => probe !== null).length;
  const failed = samples.filter(({ probe }) => probe === 1);
  const note = failed.at(-1)?.note;
  return `${failed.length} of ${seen} samples failed${note ? `, last: ${note}` : ''}`;
}

/** Returns [log lines that could not be read, all log lines], over all samples. */
function unreadOf(samples: readonly Sample[]): [number, number] {
  const some = samples.flatMap(({ unread }) => (unread ? [unread] : []));
  return [sum(some.map(([unread]) => unread)), sum(some.map(([, lines]) => lines))];
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/**
 * If more than this share of the lines of a sample could not be read, the sample counts as missing.
 */
const mostUnread = 0.2;

const sawLog = ({ log, unread: [unread, lines] = [0, 0] }: Sample) =>
  log !== null && unread <= mostUnread * lines;

const logNumbers = (facts: WatchFacts) => logCounts(facts) + unreadWords(unreadOf(facts.samples));

function logCounts({ watch, baseline, samples }: WatchFacts) {
  const [errors, exposure] = samples
    .map(counted)
    .reduce(([y, n], [a, b]) => [y + a, n + b], [0, 0]);
  const timed = watch.accessLog === null;
  const seen = timed ? span(exposure * 1000) : `${rounded(exposure)} requests`;
  const now = `${errors} errors in ${seen}`;
  if (baseline === null || baseline.requests <= 0 || exposure <= 0) return now;
  if (timed)
    return `${now} (before the deploy: ${baseline.errors} in ${span(baseline.requests * 1000)})`;
  const before = baseline.errors / baseline.requests;
  return `${now} (${percent(errors / exposure)}, before the deploy ${percent(before)})`;
}

function sentenceOf(source: WatchSource, judged: Judgement, facts: WatchFacts): string {
  const numbers = source.name === 'probes' ? probeNumbers(facts) : logNumbers(facts);
  const { alpha, beta } = facts.watch.judge;
  const limit = Math.log(1 / (alpha * source.share));
  const proof = rounded(Math.max(...judged.logH, 0));
  if (judged.verdict === 'rollback') {
    const evidence = rounded(judged.logE[(judged.rollbackAtSample ?? 1) - 1] ?? 0);
    const since = `Bad since sample ${judged.rollbackAtSample}`;
    return `${source.name}: ${numbers}. ${since} (evidence ${evidence}, limit ${rounded(limit)})`;
  }
  return judged.verdict === 'healthy'
    ? `${source.name}: healthy: ${numbers}`
    : `${source.name}: inconclusive: ${numbers}; ` +
        `evidence of health ${proof}, needs ${rounded(Math.log(1 / beta))}`;
}

/**
 * Returns true if the newest probe with an answer failed, or if the evidence against the release is
 * strong.
 */
function isAgainst(source: WatchSource, judged: Judgement, { watch, samples }: WatchFacts) {
  const newest = samples.findLast(({ probe }) => probe !== null)?.probe;
  const failing = source.name === 'probes' && newest === 1;
  return failing || (judged.logE.at(-1) ?? 0) >= Math.log(1 / watch.judge.beta);
}

function unjudged(source: WatchSource, why: string): SourceFinding {
  const { name, required } = source;
  const kind = required ? 'no data' : 'no data (advisory)';
  const sentence = `${name}: ${kind}: ${why}`;
  return { name, required, verdict: 'no-data', logE: 0, logH: 0, sentence, against: false };
}

export function judgeSource(source: WatchSource, facts: WatchFacts): SourceFinding {
  const config = shareOf(facts.watch.judge, source);
  const judged = source.name === 'probes' ? judgeProbes(facts, config) : judgeLog(facts, config);
  if (isInvalid(judged)) return unjudged(source, judged.invalid);
  const at = judged.rollbackAtSample;
  const logE = (at === null ? judged.logE.at(-1) : judged.logE[at - 1]) ?? 0;
  const numbers = { logE, logH: Math.max(...judged.logH, 0) };
  const isLog = source.name === 'error-log';
  const saw = isLog ? sawLog : ({ probe }: Sample) => probe !== null;
  const noData = judged.verdict === 'rollback' ? null : missingData(facts.samples, saw);
  const missed = isLog ? unreadWords(unreadOf(facts.samples)) : '';
  if (noData) return { ...unjudged(source, `${noData}${missed}`), ...numbers };
  const { name, required } = source;
  const against = isAgainst(source, judged, facts);
  const sentence = sentenceOf(source, judged, facts);
  return { name, required, verdict: judged.verdict, ...numbers, sentence, against };
}
