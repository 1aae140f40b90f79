import { proofLines } from './rollback-proof.ts';
import type { DeployStatus, GateReport, Ruling, SealedPlan, SmokeReport } from '../deploy/plan.ts';
import { roleWords } from './parts/roles.ts';
import type { Paint } from './parts/paint.ts';
import { clock, row, sparkline } from './parts/format.ts';

/** Prints `name` on the first line only. */
const block = (name: string, lines: string[]) =>
  lines.map((line, index) => row(index === 0 ? name : '', line));

export function renderGates(gates: GateReport[], paint: Paint): string[] {
  const lines = gates.flatMap(({ gate, open, reasons }) => {
    const sign = open ? paint.good('✓ open  ') : paint.bad('✗ closed');
    const [first = '', ...more] = reasons;
    return [`${sign} ${gate}: ${first}`, ...more.map((reason) => `           ${reason}`)];
  });
  return block('gates', lines);
}

export function renderApprovals(
  sealed: SealedPlan | null,
  rulings: Ruling[],
  paint: Paint,
): string[] {
  if (!sealed) return [];
  const { rule, notAfter } = sealed.plan;
  const counted = rulings.filter(
    ({ verdict, decision }) => verdict === 'counted' && decision === 'approve',
  );
  const need =
    rule.required === 0
      ? 'none needed'
      : `${counted.length} of ${rule.required}, by ${rule.eligible.join(', ')}${roleWords(rule.roles)}, before ${clock(notAfter)}`;
  return block('approvals', [need, ...rulings.map((ruling) => oneRuling(ruling, paint))]);
}

function oneRuling({ verdict, decision, approver, why, at }: Ruling, paint: Paint): string {
  const said = `${approver} ${decision === 'approve' ? 'approved' : 'rejected'} at ${clock(at)}`;
  return verdict === 'counted'
    ? `${decision === 'approve' ? paint.good('✓') : paint.bad('✗')} ${said}: ${why}`
    : paint.warn(`does not count: ${said}: ${why}`);
}

export function renderSmoke(smoke: SmokeReport | null, paint: Paint): string[] {
  const signs = { ok: paint.good('✓'), failed: paint.bad('✗'), 'n/a': '–' };
  const lines = smoke?.checks.map(
    ({ path, outcome, detail }) => `${signs[outcome]} ${path}: ${detail}`,
  );
  return block('smoke', lines ?? []);
}

export const renderProof = ({ proof }: Pick<DeployStatus, 'proof'>, paint: Paint): string[] =>
  block(
    'proof',
    proofLines(proof).map((line) => (proof && proof.problems.length > 0 ? paint.bad(line) : line)),
  );

/**
 * Returns the lines about the watch. `logE` is the evidence against the release, and `logH` is the
 * evidence of health. Both are natural logarithms, as the judge returns them.
 */
export function renderWatch({ watch, samples, sealed }: DeployStatus, paint: Paint): string[] {
  if (!watch && !samples?.length) return [];
  const planned = sealed?.plan.watch.plannedSamples;
  const count = `${watch?.samples ?? samples?.length ?? 0}${planned ? ` of ${planned}` : ''} samples`;
  const line = samples?.length ? `${sparkline(samples.map(({ probe }) => probe))} ${count}` : count;
  const sources = (watch?.sources ?? []).map(({ name, verdict, logE, logH }) => {
    const limit = limitOf(sealed, name);
    const against = `evidence against the release ${logE.toFixed(2)}${limit ? ` of ${limit}` : ''}`;
    return `${name.padEnd(10)} ${verdict}: ${against}, evidence of health ${logH.toFixed(2)}`;
  });
  const color = {
    fail: paint.bad,
    pass: paint.good,
    inconclusive: paint.warn,
    open: (text: string) => text,
  };
  const reasons = (watch?.reasons ?? []).map(color[watch?.verdict ?? 'open']);
  return block('watch', [line, ...sources, ...reasons]);
}

/** Returns the `logE` at which a source decides against the release: ln(1 / (alpha * share)). */
function limitOf(sealed: SealedPlan | null, name: string): string | undefined {
  if (!sealed) return undefined;
  const { sources, judge } = sealed.plan.watch;
  const share = sources.find((source) => source.name === name)?.share;
  return share ? Math.log(1 / (judge.alpha * share)).toFixed(2) : undefined;
}
