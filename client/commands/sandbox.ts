import { plimsoll } from '../../domain/deploy/wire.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { Argument } from 'commander';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Tools',
  order: 5,
  summary: 'show what happened in a sandbox, or make its services fail',
};

export const verb: Verb = (command, execute) =>
  command
    .addArgument(
      new Argument(
        '<what>',
        'effects so far, planned faults, or the releases really served',
      ).choices(['effects', 'faults', 'truth']),
    )
    .argument(
      '[fault...]',
      'after the word faults: SERVICE MATCH KIND plans a fault; clear removes all faults; release ends held calls',
    )
    .option('--times <count>', 'how many calls fail', '1')
    .option('--control <url>', 'address of the control plane (default: PLIMSOLL_SANDBOX)')
    .action((what, fault, options) => execute((io) => sandbox(io, { what, fault, ...options })));

export type SandboxOptions = {
  what: 'effects' | 'faults' | 'truth';
  fault: string[];
  times: string;
  control?: string;
};

/**
 * Asks the control plane of a sandbox for the effects so far, for the planned faults, or for the
 * releases that are really served. The command can also plan faults, remove faults, and end the
 * calls that a fault holds.
 */
export async function sandbox(io: Io, options: SandboxOptions): Promise<number> {
  const answer = await ask(controlUrl(io, options), ...requestOf(options));
  io.data(
    answer,
    options.what === 'effects' ? effectLines(answer) : JSON.stringify(answer, null, 2),
  );
  return exitCodes.ok;
}

type Request = [method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown];

function requestOf({ what, fault, times }: SandboxOptions): Request {
  if (what !== 'faults') return ['GET', `/${what}`];
  const [first, match, kind] = fault;
  if (first === undefined) return ['GET', '/faults'];
  if (fault.length === 1 && first === 'clear') return ['DELETE', '/faults'];
  if (fault.length === 1 && first === 'release') return ['POST', '/release', {}];
  if (fault.length === 3)
    return ['POST', '/faults', { service: first, match, kind, times: Number(times) }];
  throw new UserError(
    `A fault needs three words: SERVICE MATCH KIND. You gave ${fault.length}.\n` +
      `For example: ${plimsoll} sandbox faults git push 500-after --times 1\n` +
      `To remove all faults: ${plimsoll} sandbox faults clear\n` +
      `To end the calls that a fault holds: ${plimsoll} sandbox faults release`,
    exitCodes.usage,
  );
}

function controlUrl({ env }: Io, { control }: SandboxOptions): string {
  const url = control ?? env['PLIMSOLL_SANDBOX'];
  if (url) return url;
  throw new UserError(
    'No sandbox is named. Set PLIMSOLL_SANDBOX to the address of its control plane, which npm start prints.\n' +
      `Or give the address as an option: ${plimsoll} sandbox truth --control http://127.0.0.1:PORT`,
    exitCodes.usage,
  );
}

async function ask(
  control: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
) {
  const { parseJson, request } = await import('../../activities/lib/http.ts');
  const url = new URL(path, control);
  const call = { method, url, body, timeoutMs: 10_000 };
  const reply = await request(call).catch(() => undefined);
  if (!reply)
    throw new UserError(
      `No sandbox answers at ${control}.\nStart one with npm start, and use the address that it prints.`,
    );
  const answer = (parseJson(reply.text) ?? {}) as { error?: string };
  if (!reply.ok)
    throw new UserError(answer.error ?? `The sandbox answered ${reply.status}.`, exitCodes.usage);
  return answer;
}

type Effect = { at: string; service: string; operation: string; detail: string };

function effectLines(answer: unknown): string {
  const { effects = [] } = clean(answer) as { effects?: Effect[] };
  const lines = effects.map(
    ({ at, service, operation, detail }) => `${at} ${service.padEnd(7)} ${operation} ${detail}`,
  );
  return lines.join('\n') || 'Nothing happened yet.';
}
