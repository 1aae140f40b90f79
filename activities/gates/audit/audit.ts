import type { GateReport, Plan } from '../../../domain/deploy/plan.ts';
import { judgeAudit, type AuditReading } from '../../../domain/gates/audit.ts';
import type { Config } from '../../../domain/config/config.ts';
import type { Signers } from '../../approval/still-holds.ts';
import type { Ledger } from '../../ledger/types.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { readSources } from './sources.ts';
import type { SourceDeps } from './sources.ts';
import { waiversOf } from './waivers.ts';
import { projectOf } from '../project-of.ts';
import { reportOf } from '../report.ts';

type Deps = SourceDeps & {
  config: Pick<Config, 'projects'> & Signers;
  ledger: Pick<Ledger, 'read'>;
};

/** The largest number of waivers to read. A team needs years to sign so many waivers. */
const limit = 1000;

/**
 * Makes the audit gate. The gate reads every configured source of findings, and the approvers'
 * waivers. Throws a transient failure if a source cannot be read now but may be readable later.
 */
export const createAuditGate =
  (deps: Deps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    withHeartbeat(async () => {
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
