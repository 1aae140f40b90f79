import type { GateSubject } from '../contract/activities.ts';
import type { Plan } from '../deploy/plan.ts';
import { leftOf } from './freeze-at-last.ts';
import { judgeFreeze, needsOf } from './freeze.ts';
import type { Judged } from './judged.ts';
import { judgeStop } from './stop.ts';

/** A gate that needs facts. The activity `check` gathers the facts and judges them. */
type AskedGate = {
  /** Absent: the gate applies to every plan. */
  applies?: (plan: Plan) => boolean;
  check: string;
  /** true: the check reserves an amount for this deploy, so its activity is an effect. */
  reserves?: true;
  /** The description of the check in the list of activities. */
  summary: string;
  /** `hold: false` = the check reserves no amount, because no deploy follows. */
  input: (plan: Plan, how: { hold: boolean }) => object;
};

/**
 * A gate that is judged only from the plan and the time. `built` = true: the build has ended, so
 * only the time after the build counts.
 */
type JudgedGate = {
  applies: (plan: Plan) => boolean;
  judge: (plan: Plan, how: { now: number; built: boolean }) => Judged;
};

/**
 * Gates that are off by default. A project turns such a gate on with the key of the same name in
 * plimsoll.yaml. Then the plan has a flag of the same name, and approvers sign the flag.
 */
export const configuredGates = ['audit'] as const;
export type GateFlags = { [G in (typeof configuredGates)[number]]?: true };

type OnPlan = { plan: Plan };
type OnSubject = { plan: GateSubject };

/**
 * Every gate, in the order in which people read the reports. All checks run at the same time. After
 * the checks, the gates with `judge` are judged.
 */
export const gates = {
  tests: {
    check: 'checkTests',
    summary: 'gate: tests',
    // With `wait: true`, the check waits for unfinished checks. The command `plan` does not wait,
    // and shows the present state.
    input: (plan, { hold }): OnSubject & { wait?: true } => ({
      plan,
      ...(hold ? { wait: true } : {}),
    }),
  },
  secrets: {
    check: 'checkSecrets',
    summary: 'gate: secrets',
    input: (plan): OnPlan => ({ plan }),
  },
  audit: {
    applies: (plan) => plan.audit === true,
    check: 'checkAudit',
    summary: 'gate: audit',
    input: (plan): OnPlan => ({ plan }),
  },
  platform: {
    check: 'checkPlatform',
    summary: 'gate: platform',
    input: (plan): OnPlan => ({ plan }),
  },
  budget: {
    applies: (plan) => plan.budget !== undefined,
    check: 'checkBudget',
    reserves: true,
    summary: 'gate: budget',
    // `hold: true` reserves the cost until the deploy ends. `hold: false` only judges the cost, as
    // the command `plan` needs it.
    input: (plan, { hold }): OnPlan & { hold: boolean } => ({ plan, hold }),
  },
  previous: {
    applies: (plan) => plan.after !== undefined,
    check: 'checkPrevious',
    summary: 'gate: the previous environment',
    // The check reads whether this commit succeeded in the environment `after`, and whether the
    // commit was quarantined or reverted later.
    input: (plan): OnSubject & { after: string } => ({ plan, after: plan.after ?? '' }),
  },
  freeze: {
    applies: (plan) => plan.freezeWindows !== undefined,
    judge: (plan, { now, built }) =>
      judgeFreeze({
        windows: plan.freezeWindows ?? [],
        now,
        needsMs: built ? leftOf(plan) : needsOf(plan),
        hotfix: plan.priority === 'P0',
        reason: plan.reason,
      }),
  },
  // This gate judges only the stop in the plan. `stopAtLast` checks for a later stop right before
  // the first effect.
  stop: {
    applies: (plan) => plan.stopped !== undefined,
    judge: (plan) =>
      plan.stopped
        ? judgeStop(plan.stopped, plan)
        : { open: true, reasons: ['the line is not stopped'] },
  },
} as const satisfies Record<string, AskedGate | JudgedGate>;

export type GateName = keyof typeof gates;

type Row = (typeof gates)[GateName];
type AskedRow = Extract<Row, { check: string }>;
export type CheckName = AskedRow['check'];
export type ReservingCheck = Extract<AskedRow, { reserves: true }>['check'];

/** The input of a gate's check. */
export type CheckInput<C extends CheckName> = ReturnType<Extract<AskedRow, { check: C }>['input']>;

const rows = Object.entries(gates) as [GateName, AskedGate | JudgedGate][];
const applying = (plan: Plan) => rows.filter(([, { applies }]) => applies?.(plan) ?? true);

/** Returns the checks of this plan, each with its input. */
export const checksOf = (plan: Plan, how: { hold: boolean }) =>
  applying(plan).flatMap(([gate, row]) =>
    'check' in row ? [{ gate, check: row.check as CheckName, input: row.input(plan, how) }] : [],
  );

/**
 * Returns the results of the gates that the plan alone decides, without a check. `now` is epoch ms.
 */
export const judgedOf = (plan: Plan, how: { now: number; built: boolean }) =>
  applying(plan).flatMap(([gate, row]) =>
    'judge' in row ? [{ gate, ...row.judge(plan, how) }] : [],
  );

/** The summary of each check, by the name of its activity. */
export const checkSummaries = Object.fromEntries(
  rows.flatMap(([, row]) => ('check' in row ? [[row.check, row.summary]] : [])),
) as Record<CheckName, string>;

type CheckKinds = { readonly [C in CheckName]: C extends ReservingCheck ? 'effect' : 'read' };

/** The kind of each check, by the name of its activity. A check that reserves is an effect. */
export const checkKinds = Object.fromEntries(
  rows.flatMap(([, row]) =>
    'check' in row ? [[row.check, row.reserves ? 'effect' : 'read']] : [],
  ),
) as CheckKinds;
