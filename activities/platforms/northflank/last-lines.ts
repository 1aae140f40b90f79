import type { NorthflankTarget, PlanOn } from '../../../domain/plan.ts';
import { cancellation } from '../../git/pulse.ts';
import type { Connect, Reach } from './connect.ts';
import { nameOf } from './sight.ts';

const spanMs = 30 * 60_000;
const mostLines = 300;

/** The end of the runtime log and of the release's build log; what does not answer leaves its line of evidence. */
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

async function orEvidence(what: string, read: () => Promise<string[]>): Promise<string[]> {
  try {
    return await read();
  } catch (failure) {
    if (cancellation()?.aborted) throw failure;
    return [`${what} could not be read: ${(failure as Error).message}`];
  }
}
