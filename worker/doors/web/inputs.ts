import { z } from 'zod';
import { SignedDecision, SignedRequest } from '../../../domain/config/config.ts';
import { SignedLogin, SignedOrder } from '../../../domain/config/orders.ts';
import { Name } from '../../../domain/config/words.ts';

const place = z.strictObject({ project: Name, environment: Name });
const runId = z.string().regex(/^[0-9a-f-]{36}$/);
const run = { place, runId };
const ms = z.number().int().min(1).max(600_000);
const words = z.string().max(1000);
const kind = z.string().regex(/^[a-z-]{1,30}$/);

const history = z.strictObject({
  project: Name.optional(),
  environment: Name.optional(),
  kinds: z.array(kind).max(30).optional(),
  limit: z.number().int().min(1).max(1000),
});

/**
 * The tasks that a client may start. A client cannot choose a workflow, a workflow id or a queue.
 */
const task = z.discriminatedUnion('task', [
  z.strictObject({ task: z.literal('plan'), input: SignedRequest }),
  z.strictObject({ task: z.literal('adopt'), input: SignedRequest }),
  z.strictObject({
    task: z.literal('lift'),
    input: z.strictObject({ signed: SignedDecision, reason: words }),
  }),
  z.strictObject({
    task: z.literal('waive'),
    input: z.strictObject({
      ...{ signed: SignedDecision, reason: words },
      finding: z.string().max(200),
      until: z.string().max(40),
    }),
  }),
  z.strictObject({
    task: z.literal('stopLine'),
    input: z.strictObject({
      ...{ signed: SignedDecision, reason: words },
      lift: z.literal(true).optional(),
    }),
  }),
  z.strictObject({ task: z.literal('reconcile'), input: SignedOrder }),
  z.strictObject({ task: z.literal('closeIncident'), input: SignedOrder }),
  z.strictObject({ task: z.literal('history'), input: history }),
  z.strictObject({
    task: z.literal('releases'),
    input: z.strictObject({
      ...{ project: Name, environment: Name },
      to: z
        .string()
        .regex(/^[0-9a-f]{7,40}$/)
        .optional(),
    }),
  }),
  z.strictObject({ task: z.literal('budget'), input: z.null() }),
  z.strictObject({ task: z.literal('verifyLedger'), input: z.null() }),
]);

/** The schema of the input of each call of the door. */
export const inputs = {
  login: SignedLogin,
  registry: z.strictObject({}),
  lastPoll: z.strictObject({ taskQueue: z.string().max(200) }),
  deploy: z.strictObject({ place, runId: runId.optional() }),
  status: z.strictObject({ ...run, ms }),
  heir: z.strictObject(run),
  end: z.strictObject(run),
  aftermath: z.strictObject({
    ...{ ...run, ms },
    deployId: z.string().regex(/^d-[0-9a-f]{12}$/),
  }),
  start: z.strictObject({ signed: SignedRequest }),
  rollBack: z.strictObject({ signed: SignedRequest }),
  supersede: z.strictObject({ ...run, signed: SignedRequest }),
  decide: z.strictObject({ ...run, signed: SignedDecision }),
  order: z.strictObject({ signed: SignedOrder }),
  begin: task,
  taskEnd: z.strictObject({ ticket: z.string().max(2000), ms }),
} as const;

export type CallName = keyof typeof inputs;
export type Input<N extends CallName> = z.infer<(typeof inputs)[N]>;
