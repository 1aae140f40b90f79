import type { Look } from '../domain/plan.ts';
import { judgeDefaults } from '../domain/policy/judge/judge-defaults.ts';
import { judgeWatch } from '../domain/policy/watch.ts';
import { plain } from './row.ts';
import type { Row } from './row.ts';

const planned = 180;

/** As the watch does it: after every look, all looks so far. */
export function judgeRows(): Row[] {
  const share = 0.5;
  const sources = [
    { name: 'probes', required: true, share },
    { name: 'error-log', required: false, share },
  ] as const;
  const watch = { sources: [...sources], plannedLooks: planned, onAsk: 'keep', accessLog: null };
  const input = {
    watch: { ...watch, onAsk: 'keep' as const, judge: judgeDefaults },
    baseline: { errors: 40, requests: 86_400, phi: 1, tau: 0 },
  };
  const looks: Look[] = Array.from({ length: planned }, (_, index) => ({
    at: index * 10_000,
    probe: 0,
    log: [index % 50 === 0 ? 1 : 0, 10],
  }));
  const from = performance.now();
  let judged = 0;
  for (; performance.now() - from < 2000; judged += 1) {
    const count = 1 + (judged % planned);
    judgeWatch({ ...input, looks: looks.slice(0, count), final: count === planned });
  }
  const perSecond = judged / ((performance.now() - from) / 1000);
  return [plain('judge: verdicts over a growing window', `${Math.round(perSecond)}/s`)];
}
