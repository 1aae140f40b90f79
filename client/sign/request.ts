import { shellWord } from '../../domain/lib/shell-word.ts';
import { randomBytes } from 'node:crypto';
import { namespaces, plimsoll } from '../../domain/deploy/wire.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { identity } from './identity.ts';
import type { IdentityOptions } from './identity.ts';
import type { Io } from '../io.ts';
import { signPayload } from './sign.ts';

export type RequestOptions = IdentityOptions & {
  project: string;
  environment: string;
  ref: string;
  reason: string;
  priority: 'normal' | 'P0';
  rollbackTarget?: string;
  supersede?: true;
  blame?: true;
};

/**
 * Signs the request as its requester. Throws a UserError if a field is invalid, or if the key
 * cannot sign.
 */
export async function signRequest(
  io: Io,
  options: RequestOptions,
  namespace: string = namespaces.request,
): Promise<SignedRequest> {
  const { name, keyPath } = identity(io, options);
  const { project, environment, ref, reason, priority, rollbackTarget } = options;
  if (ref.startsWith('-')) throw cannotBe('ref', ref, 'it begins with "-"');
  const nonce = randomBytes(16).toString('hex');
  const requestedAt = new Date().toISOString();
  const back = rollbackTarget === undefined ? {} : { rollbackTarget };
  const words = { project, environment, ref, requestedBy: name, reason, priority, ...back };
  const supersedes = {
    ...(options.supersede ? { supersede: true } : {}),
    ...(options.blame ? { blame: true } : {}),
  };
  const { DeployRequest } = await import('../../domain/config/config.ts');
  const fromJob = namespace === namespaces.request || namespace === namespaces.plan;
  const job = fromJob ? jobOf(io.env) : undefined;
  const ci = job === undefined ? {} : { ci: job };
  const parsed = DeployRequest.safeParse({ ...words, ...supersedes, ...ci, nonce, requestedAt });
  if (!parsed.success) throw notAllowed(words, namespace, parsed.error.issues[0]);
  const signature = await signPayload({
    payload: parsed.data,
    keyPath,
    namespace,
    interactive: io.asks,
    say: io.say,
  });
  return { request: parsed.data, signature };
}

/**
 * Returns the job of GitHub Actions that runs this command, or undefined. GitHub Actions sets these
 * variables in every job.
 */
function jobOf(env: Io['env']) {
  const { GITHUB_ACTIONS, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_JOB } = env;
  if (GITHUB_ACTIONS !== 'true' || !GITHUB_REPOSITORY || !GITHUB_RUN_ID || !GITHUB_JOB)
    return undefined;
  return { repository: GITHUB_REPOSITORY, run: GITHUB_RUN_ID, job: GITHUB_JOB };
}

const spoken: Record<string, string> = {
  requestedBy: 'name (--as, PLIMSOLL_AS)',
  rollbackTarget: 'rollback target (--rollback-target)',
};

/** The command that signs a request in the namespace. */
const verbs: Record<string, string> = {
  [namespaces.adopt]: 'adopt',
  [namespaces.plan]: 'plan',
  [namespaces.rollback]: 'rollback',
};

type Issue = { path: PropertyKey[]; message: string } | undefined;

function notAllowed(words: Record<string, string>, namespace: string, issue: Issue) {
  const field = String(issue?.path[0]);
  const option = spoken[field] ?? field;
  const verb = verbs[namespace] ?? 'deploy';
  const command = `${plimsoll} ${verb} ${words['project']} ${words['environment']}`;
  const of = `${verb === 'rollback' ? '--to' : '--ref'} ${shellWord(words['ref'] ?? '')}`;
  const next =
    field === 'reason'
      ? `Ask again with a reason: ${command} ${of} --reason "what changes, and why now"`
      : undefined;
  return cannotBe(option, words[field] ?? '', issue?.message ?? 'it is not allowed', next);
}

const cannotBe = (
  what: string,
  value: string,
  why: string,
  next = `See what is allowed: ${plimsoll} deploy --help`,
) =>
  new UserError(
    `The ${what} ${JSON.stringify(value)} cannot be used: ${why}. Nothing was started.\n${next}`,
    exitCodes.usage,
  );
