import type { Entry } from '../../domain/activities.ts';
import type { GateReport, Plan } from '../../domain/plan.ts';
import { judgeAudit } from '../../domain/policy/audit.ts';
import type { Waiver } from '../../domain/policy/waiver.ts';
import type { Config } from '../../domain/schema.ts';
import { pulse } from '../git/pulse.ts';
import type { Ledger } from '../ledger.ts';
import { readSources } from './audit/sources.ts';
import type { SourceDeps } from './audit/sources.ts';
import { projectOf } from './project-of.ts';
import { reportOf } from './report.ts';

type Deps = SourceDeps & {
  config: Pick<Config, 'projects' | 'approvers'>;
  ledger: Pick<Ledger, 'read'>;
};

/** More waivers than a team signs in years. */
const limit = 1000;

/** Every configured source of findings, and what approvers waived. Transient: a source may answer later. */
export const createAuditGate =
  (deps: Deps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    pulse(async () => {
      const { project, environment, sha } = plan;
      const { audit } = projectOf(deps.config, plan);
      const [readings, entries] = await Promise.all([
        readSources(deps, plan, audit ?? {}),
        deps.ledger.read({ project, environment, kinds: ['waived'], limit }),
      ]);
      const { threshold = 'high', maxAgeDays = 7 } = audit ?? {};
      const judged = judgeAudit({
        ...{ project, environment, sha, readings, threshold, maxAgeDays },
        waivers: entries.flatMap((entry) => waiverIn(entry, deps.config)),
        now: new Date().toISOString(),
      });
      const { waivers, ...verdict } = judged;
      const report = reportOf('audit', verdict);
      return waivers.length > 0 ? { ...report, waivers } : report;
    });

/** Of somebody who is an approver no more it counts no more. */
function waiverIn({ body }: Entry, { approvers }: Pick<Config, 'approvers'>): Waiver[] {
  const { finding, reason, until, by } = body as Partial<Record<keyof Waiver, unknown>>;
  const all = [finding, reason, until, by].filter((one) => typeof one === 'string');
  const [id = '', why = '', day = '', who = ''] = all;
  if (all.length < 4 || !Object.hasOwn(approvers, who)) return [];
  return [{ finding: id, reason: why, until: day, by: who }];
}
