import { randomUUID } from 'node:crypto';
import type { Entry, LedgerChain } from '../../domain/activities.ts';
import { messages } from '../../domain/messages.ts';
import { clean } from '../clean.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';

export type HistoryOptions = {
  project?: string;
  environment?: string;
  limit: string;
  verify?: boolean;
};

/** The ledger, newest first, read by a worker. */
export const history = (io: Io, options: HistoryOptions): Promise<number> =>
  withSession(io, async (session) => {
    const { project, environment } = options;
    const limit = countOf(options.limit);
    const worker = await findWorker(io, session);
    if (project !== undefined) checkKnown(worker, { project, environment });
    await checkPolled(session, worker.taskQueue);
    if (options.verify) return await verify(io, session, worker.taskQueue);
    const entries = await runReadOnly<Entry[]>(session, {
      type: messages.history,
      taskQueue: worker.taskQueue,
      workflowId: `history/${randomUUID()}`,
      input: { ...(project && { project }), ...(environment && { environment }), limit },
      summary: 'history, read only',
    });
    io.data(entries, renderEntries(entries));
    return exitCodes.ok;
  });

async function verify(io: Io, session: Session, taskQueue: string): Promise<number> {
  const chain = await runReadOnly<LedgerChain>(session, {
    type: messages.verifyLedger,
    taskQueue,
    workflowId: `verify-ledger/${randomUUID()}`,
    input: null,
    summary: 'verify the ledger, read only',
  });
  io.data(chain, renderChain(chain));
  return chain.ok ? exitCodes.ok : exitCodes.failed;
}

export const renderChain = (chain: LedgerChain): string =>
  chain.ok
    ? `The ledger is whole: ${chain.entries} ${chain.entries === 1 ? 'entry' : 'entries'}, each follows the one before.\n` +
      `Its head is ${chain.head}. Rows that are cut off at the end show only against a head that was kept elsewhere.`
    : `The ledger is broken: ${clean(chain.why)}. Row ${chain.seq} is the first that is not what was written.\n` +
      'Somebody wrote past Plimsoll. Keep the database as it is for whoever looks into it, and ' +
      'compare it with a backup: docs/ledger.md';

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new UserError(`--limit wants a number from 1 to 1000, not "${text}".`, exitCodes.usage);
}

export const renderEntries = (entries: Entry[]): string =>
  clean(entries).map(oneEntry).join('\n') || 'Nothing is recorded yet.';

function oneEntry({ at, kind, project, environment, body }: Entry): string {
  const where = [project, environment].filter(Boolean).join(' ');
  const facts = Object.entries(body)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name}=${String(value).slice(0, 80)}`);
  return [at, kind.padEnd(15), where, ...facts].filter(Boolean).join(' ');
}
