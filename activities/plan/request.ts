import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { visible } from '../../domain/lib/visible.ts';
import { deployId, namespaces, plimsoll } from '../../domain/deploy/wire.ts';
import { kindOfSecret } from '../../domain/lib/secret-shapes.ts';
import { mayUse, noRightWords } from '../../domain/approval/project-rights.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { SignedRequest, type Config, type DeployRequest } from '../../domain/config/config.ts';
import type { Ledger } from '../ledger/types.ts';
import { final } from '../lib/fail.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { own } from '../lib/own.ts';
import { currentWorkflow } from '../lib/temporal-context.ts';
import { verifySignature } from '../approval/signatures/signatures.ts';

const oldestMs = 15 * 60_000;
const aheadMs = 2 * 60_000;

/**
 * Returns the deploy id: `d-` and 12 hex digits. The same request always has the same deploy id.
 */
export const deployIdOf = (request: DeployRequest): string =>
  `d-${createHash('sha256').update(canonicalJson(request)).digest('hex').slice(0, 12)}`;

export const requestKey = (request: DeployRequest) => `request/${request.nonce}`;

/**
 * Checks the form, the signer and the signature of a request, and returns the request. The reason
 * in the returned request is safe to show. Callers must trust only the returned request. Throws a
 * final failure of type 'refused' if a check fails.
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
  if (!mayUse(config, requestedBy, request.project)) throw noRight(requestedBy, request.project);
  refuseSecretsIn(request);
  return { ...request, reason: visible(request.reason) };
}

/**
 * Throws a final failure of type 'refused' if a text of the request contains a secret. Temporal's
 * history keeps the request, so other people can read this secret.
 */
function refuseSecretsIn(request: DeployRequest): void {
  for (const [field, value] of Object.entries(request)) {
    if (typeof value !== 'string') continue;
    const known = knownSecrets.clean(value) !== value;
    const kind = known ? 'a secret of this worker' : kindOfSecret(value);
    if (kind !== null) throw secretIn(field, kind);
  }
}

const secretIn = (field: string, kind: string) =>
  final(
    failures.refused,
    `The ${field} of the request contains ${kind}. Nothing was touched.\n` +
      'Revoke the secret, because the history of Temporal may keep the request. ' +
      `Then send the request without the secret: ${plimsoll} deploy`,
  );

/**
 * Throws a final failure of type 'refused' if the workflow of this activity does not have the
 * workflow id of its place. This id is the lock. A workflow with another id would deploy at the
 * same time as a running deploy.
 */
export function refuseOtherId(
  { project, environment }: Pick<DeployRequest, 'project' | 'environment'>,
  id = currentWorkflow(),
): void {
  const lock = deployId(project, environment);
  if (id === undefined || id === lock) return;
  throw final(
    failures.refused,
    `A deploy of ${project} ${environment} runs only as the workflow ${lock}, because this id is ` +
      `its lock. This workflow has the id ${JSON.stringify(id.slice(0, 200))}.\n` +
      `Nothing was touched. Send the request with: ${plimsoll} deploy ${project} ${environment}`,
  );
}

/**
 * Throws a final failure of type 'refused' if another run has used the nonce of the request.
 * Returns true if this run has used the nonce before. In this case Temporal retried the activity.
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
      `The request was signed ${minutes(age)} min ago, but a request is valid for 15 min only.\n` +
        'Send a new request: plimsoll deploy',
    );
  if (age < -aheadMs)
    throw final(
      failures.refused,
      `The request was signed ${minutes(-age)} min in the future, so a clock is wrong.\n` +
        'Compare the clocks of both machines with "date -u", correct the wrong clock, ' +
        'and send a new request: plimsoll deploy',
    );
}

const minutes = (ms: number) => Math.round(ms / 60_000);

function badShape(issues: { path: PropertyKey[]; message: string }[]) {
  const what = issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'request'}: ${message}`);
  return final(
    failures.refused,
    `This is not a signed deploy request: ${what.join('; ')}.\nSend the request with: plimsoll deploy`,
  );
}

function unknownRequester(name: string, { approvers, requesters }: Config) {
  const known = [...Object.keys(approvers), ...Object.keys(requesters)].join(', ');
  return final(
    failures.refused,
    `"${name}" may not request deploys, because it is not listed ` +
      'under "approvers" or "requesters".\n' +
      `Listed names: ${known || 'none'}. Give your own name with --as NAME, ` +
      'or add the name and its key to plimsoll.yaml.',
  );
}

const noRight = (name: string, project: string) =>
  final(
    failures.refused,
    `${noRightWords(name, project)}, so nothing was started.\n` +
      `Ask a person with rights in ${project}, or add ${project} to "projects" of ${name} in plimsoll.yaml.`,
  );

const notSigned = (name: string, why: string) =>
  final(
    failures.refused,
    `The signature of the request is not ${name}'s: ${why}.\n` +
      'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
  );

export const replayed = (deployId: string | null) =>
  final(
    failures.refused,
    `This request was used before, for ${deployId ?? 'another deploy'}, ` +
      'and a request starts one deploy only.\n' +
      'Send a new request: plimsoll deploy',
  );
