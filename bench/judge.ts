import type { Sample } from '../domain/deploy/plan.ts';
import { judgeDefaults } from '../domain/watch/judge/judge-defaults.ts';
import { judgeWatch } from '../domain/watch/watch.ts';
import { plain } from './row.ts';
import type { Row } from './row.ts';

const planned = 180;

/**
 * Measures how many verdicts the judge computes in a second. Each verdict covers all samples so
 * far, as in the watch.
 */
export function judgeRows(): Row[] {
  const share = 0.5;
  const sources = [
    { name: 'probes', required: true, share },
    { name: 'error-log', required: false, share },
  ] as const;
  const watch = {
    sources: [...sources],
    plannedSamples: planned,
    onInconclusive: 'keep',
    accessLog: null,
  };
  const input = {
    watch: { ...watch, onInconclusive: 'keep' as const, judge: judgeDefaults },
    baseline: { errors: 40, requests: 86_400, phi: 1, tau: 0 },
  };
  const samples: Sample[] = Array.from({ length: planned }, (_, index) => ({
    at: index * 10_000,
    probe: 0,
    log: [index % 50 === 0 ? 1 : 0, 10],
  }));
  const from = performance.now();
  let judged = 0;
  for (; performance.now() - from < 2000; judged += 1) {
    const count = 1 + (judged % planned);
    judgeWatch({ ...input, samples: samples.slice(0, count), final: count === planned });
  }
  const perSecond = judged / ((performance.now() - from) / 1000);
  return [plain('judge: verdicts over a growing window', `${Math.round(perSecond)}/s`)];
}
