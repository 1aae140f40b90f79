import { plimsoll } from '../../domain/messages.ts';
import { clean } from '../clean.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

export type SandboxOptions = {
  what: 'effects' | 'faults' | 'truth';
  fault: string[];
  times: string;
  control?: string;
};

/** Talks to a sandbox's control plane: what really happened, what shall fail, what is really served. */
export async function sandbox(io: Io, options: SandboxOptions): Promise<number> {
  const answer = await ask(controlUrl(io, options), ...requestOf(options));
  io.data(
    answer,
    options.what === 'effects' ? effectLines(answer) : JSON.stringify(answer, null, 2),
  );
  return exitCodes.ok;
}

type Request = [method: string, path: string, body?: unknown];

function requestOf({ what, fault, times }: SandboxOptions): Request {
  if (what !== 'faults') return ['GET', `/${what}`];
  const [first, match, kind] = fault;
  if (first === undefined) return ['GET', '/faults'];
  if (fault.length === 1 && first === 'clear') return ['DELETE', '/faults'];
  if (fault.length === 1 && first === 'release') return ['POST', '/release', {}];
  if (fault.length === 3)
    return ['POST', '/faults', { service: first, match, kind, times: Number(times) }];
  throw new UserError(
    `A fault is SERVICE MATCH KIND, and ${fault.length} words were given.\n` +
      `For example: ${plimsoll} sandbox faults git push 500-after --times 1\n` +
      `Or: ${plimsoll} sandbox faults clear, ${plimsoll} sandbox faults release`,
    exitCodes.usage,
  );
}

function controlUrl({ env }: Io, { control }: SandboxOptions): string {
  const url = control ?? env['PLIMSOLL_SANDBOX'];
  if (url) return url;
  throw new UserError(
    'Which sandbox? npm start prints the address of its control plane.\n' +
      `Give it: ${plimsoll} sandbox truth --control http://127.0.0.1:PORT, or set PLIMSOLL_SANDBOX.`,
    exitCodes.usage,
  );
}

async function ask(control: string, method: string, path: string, body?: unknown) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await fetch(new URL(path, control), {
    method,
    headers: { 'content-type': 'application/json' },
    ...sent,
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  if (!reply)
    throw new UserError(
      `No sandbox answers at ${control}.\nStart one: npm start, and take the address it prints.`,
    );
  const answer = (await reply.json().catch(() => ({}))) as { error?: string };
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
