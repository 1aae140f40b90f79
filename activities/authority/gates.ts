import type { GateReport, Plan } from '../../domain/deploy/plan.ts';
import { checksOf, judgedOf } from '../../domain/gates/table.ts';
import { own } from '../lib/own.ts';
import type { Seals } from '../lib/seals.ts';
import type { Guard } from './guard-types.ts';
import { madeHere } from './made-here.ts';
import { hashOf, refused } from './warrant.ts';

/**
 * The guard of a gate's check. A worker must have made the plan in this run. The report of the
 * check gets a seal.
 */
export const gate: Guard = async ({ seals }, { name, input, work }) => {
  const { plan, recorded } = madeHere(seals, input['plan'] as Plan | undefined);
  if (input['hold'] === true && !recorded)
    throw refused('a plan that is only shown reserves no cost');
  const report = (await work({ ...input, plan })) as GateReport;
  const body = { check: name, input: hashOf(input), report };
  return { ...report, seal: seals.seal('gate', body) };
};

/**
 * The guard of a gate's check that also runs before a plan exists. Without a sealed plan, the
 * addresses come from the configuration, and the report gets no seal.
 */
export const gateOfSubject: Guard = async (deps, call) => {
  const plan = call.input['plan'] as Plan | undefined;
  if (plan?.seal !== undefined) return await gate(deps, call);
  const { project: name, sha } = plan ?? ({} as Partial<Plan>);
  const project = own(deps.config().projects, String(name));
  if (!project) throw refused('plimsoll.yaml has no such project');
  const { github = null, repository } = project;
  const subject = { project: name, sha, github, target: { repository } };
  return await call.work({ ...call.input, plan: subject });
};

type Opened = { plan: Plan; recorded: boolean; report: GateReport; now: number };

/**
 * Throws if no worker has opened this gate for this plan. A plan that starts a deploy needs the
 * check that reserves its cost. The check for the command `plan` reserves nothing.
 */
export function openedByWorker(
  seals: Seals,
  { plan, recorded, report: { seal, ...report }, now }: Opened,
) {
  const judged = judgedOf(plan, { now, built: false }).find(
    ({ gate: name }) => name === report.gate,
  );
  if (judged?.open) return;
  const bodies = checksOf(plan, { hold: recorded })
    .filter((row) => row.gate === report.gate)
    .map(({ check, input }) => ({ check, input: hashOf(input), report }));
  if (bodies.every((body) => seals.whyInvalid('gate', body, seal) !== null))
    throw refused(`no worker has checked the gate ${report.gate} of this plan`);
}

export function allThere(plan: Plan, gates: readonly GateReport[]) {
  const needed = [
    ...checksOf(plan, { hold: true }),
    ...judgedOf(plan, { now: 0, built: false }),
  ].map(({ gate: name }) => name);
  const lacking = needed.find((name) => !gates.some((report) => report.gate === name));
  if (lacking) throw refused(`the gate ${lacking} was not checked`);
}
