import type { Entry, LedgerChain } from '../../domain/contract/activities.ts';
import { isProven, renderChain } from '../../domain/messages/ledger.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import { signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export const listing: Listing = {
  group: 'Look back',
  order: 1,
  summary: 'show the recorded deploys, decisions and incidents',
};

export const verb: Verb = (command, execute) =>
  signed(command)
    .argument('[project]')
    .argument('[environment]')
    .option('--limit <count>', 'how many of the newest entries are shown', '20')
    .option('--verify', 'verify the whole ledger and its anchor instead; exit 1 if a row is wrong')
    .action((project, environment, options) =>
      execute((io) => history(io, { project, environment, ...options })),
    );

export type HistoryOptions = IdentityOptions & {
  project?: string;
  environment?: string;
  limit: string;
  verify?: boolean;
};

/** Shows entries of the ledger, newest first. A worker reads the ledger for this command. */
export const history = (io: Io, options: HistoryOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { project, environment } = options;
    const limit = countOf(options.limit);
    const worker = await findWorker(io, session);
    if (project !== undefined) checkKnown(worker, { project, environment });
    await checkPolled(session, worker.taskQueue);
    if (options.verify) return await verify(io, session, worker.taskQueue);
    const entries = await runTask<Entry[]>(session, worker.taskQueue, {
      task: 'history',
      input: { ...(project && { project }), ...(environment && { environment }), limit },
    });
    io.data(entries, renderEntries(entries));
    return exitCodes.ok;
  });

async function verify(io: Io, session: Session, taskQueue: string): Promise<number> {
  const task = { task: 'verifyLedger', input: null } as const;
  const chain = await runTask<LedgerChain>(session, taskQueue, task);
  io.data(chain, renderChain(chain));
  return isProven(chain) ? exitCodes.ok : exitCodes.failed;
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new UserError(`--limit needs a number from 1 to 1000, not "${text}".`, exitCodes.usage);
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
