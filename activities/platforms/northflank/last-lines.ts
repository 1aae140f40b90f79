import type { PlanOn } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { orEvidence } from '../../lib/or-evidence.ts';
import type { Connect, Reach } from './connect.ts';
import { nameOf } from './snapshot.ts';

const spanMs = 30 * 60_000;
const mostLines = 300;

/**
 * Returns the last lines of the build log and of the runtime log. For a log that cannot be read,
 * returns one line with the reason.
 */
export async function lastLines(
  connect: Connect,
  { target, sha }: PlanOn<NorthflankTarget>,
): Promise<string[]> {
  const reach = connect(target);
  const to = Date.now();
  const [built, ran] = await Promise.all([
    orEvidence(`the build log of ${nameOf(target)}`, () => buildLines(reach, target, sha)),
    orEvidence(`the log of ${nameOf(target)}`, async () => {
      const lines = await reach.service.logs({ from: to - spanMs, to, lines: mostLines });
      return lines.map(({ text }) => text);
    }),
  ]);
  return [...built, ...ran];
}

async function buildLines(reach: Reach, { service }: NorthflankTarget, sha: string) {
  const deployment = await reach.service.deployment();
  const builder = reach.builder(deployment?.from ?? service);
  const { builds } = await builder.builds(1);
  const build = builds.find((one) => one.sha === sha);
  return build ? await builder.buildLog(build) : [];
}
