import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import { namespaces } from '../../domain/messages.ts';
import { failures } from '../../domain/failures.ts';
import { SignedRequest, type Config, type DeployRequest } from '../../domain/schema.ts';
import type { Ledger } from '../ledger.ts';
import { final } from '../lib/fail.ts';
import { own } from '../lib/own.ts';
import { verifySignature } from '../signatures.ts';

const oldestMs = 15 * 60_000;
const aheadMs = 2 * 60_000;

/** `d-` + 12 hex: the same signed request is the same deploy. */
export const deployIdOf = (request: DeployRequest): string =>
  `d-${createHash('sha256').update(canonicalJson(request)).digest('hex').slice(0, 12)}`;

export const requestKey = (request: DeployRequest) => `request/${request.nonce}`;

/**
 * Shape, signer, signature. Final refused. Nothing of the request is believed before this returned.
 */
export async function verifyRequest(
  input: unknown,
  config: Config,
  namespace: string = namespaces.request,
): Promise<DeployRequest> {
  const parsed = SignedRequest.safeParse(input);
  if (!parsed.success) throw badShape(parsed.error.issues);
  const { request, signature } = parsed.data;
  const { requestedBy } = request;
  const person = own(config.approvers, requestedBy) ?? own(config.requesters, requestedBy);
  if (!person) throw unknownRequester(requestedBy, config);
  const { keys } = person;
  const result = await verifySignature({
    payload: request,
    signature,
    namespace,
    keys,
    revoked: config.revoked,
  });
  if (!result.ok) throw notSigned(requestedBy, result.why);
  return request;
}

/**
 * The nonce must be unused; a retry of the same run finds its own entry. `true`: planned before.
 */
export async function refuseReplay(
  request: DeployRequest,
  { ledger, runId }: { ledger: Pick<Ledger, 'find'>; runId: string },
): Promise<boolean> {
  const used = await ledger.find(requestKey(request));
  if (used && used.body['runId'] !== runId) throw replayed(used.deployId);
  return used !== null;
}

export function refuseStale({ requestedAt }: DeployRequest, now: number): void {
  const age = now - Date.parse(requestedAt);
  if (age > oldestMs)
    throw final(
      failures.refused,
      `The request was signed ${minutes(age)} min ago; after 15 min it counts no more.\n` +
        'Send it again, so that it is signed anew: npx --no plimsoll deploy',
    );
  if (age < -aheadMs)
    throw final(
      failures.refused,
      `The request was signed ${minutes(-age)} min in the future: a clock is wrong.\n` +
        'Compare the two machines with: date -u; set the clock that is wrong and send it again.',
    );
}

const minutes = (ms: number) => Math.round(ms / 60_000);

function badShape(issues: { path: PropertyKey[]; message: string }[]) {
  const what = issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'request'}: ${message}`);
  return final(
    failures.refused,
    `This is not a signed deploy request: ${what.join('; ')}.\nSend it with: npx --no plimsoll deploy`,
  );
}

function unknownRequester(name: string, { approvers, requesters }: Config) {
  const known = [...Object.keys(approvers), ...Object.keys(requesters)].join(', ');
  return final(
    failures.refused,
    `"${name}" may not request deploys: the name is under neither "approvers" nor "requesters".\n` +
      `Known: ${known || 'nobody'}. Say who you are with --as NAME, or add the name and its key to plimsoll.yaml.`,
  );
}

const notSigned = (name: string, why: string) =>
  final(
    failures.refused,
    `The request is not signed by ${name}: ${why}.\n` +
      'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
  );

export const replayed = (deployId: string | null) =>
  final(
    failures.refused,
    `This request was used before (${deployId ?? 'another deploy'}): a request starts one deploy.\n` +
      'Send a new one: npx --no plimsoll deploy',
  );
