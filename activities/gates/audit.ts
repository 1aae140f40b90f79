import type { GateReport, Plan } from '../../domain/plan.ts';
import { judgeAudit, type AuditReading } from '../../domain/policy/audit.ts';
import type { Config } from '../../domain/schema.ts';
import type { Signers } from '../approval/still-holds.ts';
import { pulse } from '../git/pulse.ts';
import type { Ledger } from '../ledger.ts';
import { readSources } from './audit/sources.ts';
import type { SourceDeps } from './audit/sources.ts';
import { waiversOf } from './audit/waivers.ts';
import { projectOf } from './project-of.ts';
import { reportOf } from './report.ts';

type Deps = SourceDeps & {
  config: Pick<Config, 'projects'> & Signers;
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
      const now = new Date().toISOString();
      const waivers = await waiversOf(entries, {
        ...{ findings: idsOf(readings), signers: deps.config, now },
      });
      const judged = judgeAudit({
        ...{ project, environment, sha, readings, threshold, maxAgeDays },
        ...{ waivers, now },
      });
      const { waivers: used, ...verdict } = judged;
      const report = reportOf('audit', verdict, used);
      return used.length > 0 ? { ...report, waivers: used } : report;
    });

const idsOf = (readings: readonly AuditReading[]) =>
  new Set(
    readings.flatMap((one) => (one.state === 'read' ? one.findings.map(({ id }) => id) : [])),
  );
