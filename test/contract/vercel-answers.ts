import { CancelDeploymentResponseBody$inboundSchema as Cancelled } from '@vercel/sdk/models/canceldeploymentresponsebody.js';
import { AssignAliasResponseBody$inboundSchema as Assigned } from '@vercel/sdk/models/assignaliasop.js';
import { FilterProjectEnvsResponseBody2$inboundSchema as Variables } from '@vercel/sdk/models/filterprojectenvsop.js';
import { GetAliasResponseBody$inboundSchema as Alias } from '@vercel/sdk/models/getaliasop.js';
import { GetDeploymentEventsResponseBodyDeployments1$inboundSchema as BuildEvent } from '@vercel/sdk/models/getdeploymenteventsop.js';
import { GetDeploymentResponseBody2$inboundSchema as Deployment } from '@vercel/sdk/models/getdeploymentresponsebody1.js';
import { GetDeploymentsResponseBody$inboundSchema as Deployments } from '@vercel/sdk/models/getdeploymentsop.js';
import { GetProjectResponseBody$inboundSchema as Project } from '@vercel/sdk/models/getprojectresponsebody.js';
import { GetProjectDomainResponseBody$inboundSchema as Domain } from '@vercel/sdk/models/getprojectdomainop.js';
import { GetProjectDomainsResponseBody2$inboundSchema as Domains } from '@vercel/sdk/models/getprojectdomainsop.js';
import { ListDeploymentAliasesResponseBody$inboundSchema as DeploymentAliases } from '@vercel/sdk/models/listdeploymentaliasesop.js';
import {
  ListPromoteAliasesResponseBody1$inboundSchema as NoAliasMoves,
  ListPromoteAliasesResponseBody2$inboundSchema as AliasMoves,
} from '@vercel/sdk/models/listpromotealiasesop.js';
import { ListSharedEnvVariableResponseBody$inboundSchema as SharedVariables } from '@vercel/sdk/models/listsharedenvvariableop.js';
import { UpdateProjectResponseBody$inboundSchema as Updated } from '@vercel/sdk/models/updateprojectresponsebody.js';
import { compare } from '../sandbox/platforms/vercel/vercel-contract.ts';

type Schema = { parse(data: unknown): unknown };
/** `each`: the answer is a list, and the schema describes one entry. */
type Form = { schema: Schema; each?: true };

/** The schemas with which Vercel's SDK reads the answer to each call. One of them must fit. */
const forms: Record<string, Form[]> = {
  'GET /v9/projects/{idOrName}': [{ schema: Project }],
  'PATCH /v9/projects/{idOrName}': [{ schema: Updated }],
  'GET /v7/deployments': [{ schema: Deployments }],
  'GET /v13/deployments/{idOrUrl}': [{ schema: Deployment }],
  'POST /v13/deployments': [{ schema: Deployment }],
  'PATCH /v12/deployments/{id}/cancel': [{ schema: Cancelled }],
  'GET /v1/projects/{projectId}/promote/aliases': [
    { schema: AliasMoves },
    { schema: NoAliasMoves },
  ],
  'GET /v9/projects/{idOrName}/domains': [{ schema: Domains }],
  'GET /v9/projects/{idOrName}/domains/{domain}': [{ schema: Domain }],
  'GET /v4/aliases/{idOrAlias}': [{ schema: Alias }],
  'GET /v2/deployments/{id}/aliases': [{ schema: DeploymentAliases }],
  'POST /v2/deployments/{id}/aliases': [{ schema: Assigned }],
  'GET /v10/projects/{idOrName}/env': [{ schema: Variables }],
  'GET /v1/env': [{ schema: SharedVariables }],
  'GET /v3/deployments/{idOrUrl}/events': [{ schema: BuildEvent, each: true }],
};
/** Calls whose successful answer has no body, or is a stream of rows. */
const bare = new Set([
  'POST /v10/projects/{projectId}/promote/{deploymentId}',
  'POST /v1/projects/{projectId}/rollback/{deploymentId}',
  'GET /v1/projects/{projectId}/deployments/{deploymentId}/runtime-logs',
]);

const compared = ({ schema, each }: Form, body: unknown): string[] => {
  try {
    if (!each) return compare(schema, body);
    if (!Array.isArray(body)) return ['the root: no list'];
    return body.flatMap((one, at) => compare(schema, one).map((text) => `[${at}].${text}`));
  } catch (error) {
    const [first] = (error as { issues?: { path: unknown[]; message: string }[] }).issues ?? [];
    return [first ? `${first.path.join('.')}: ${first.message}` : String(error)];
  }
};

/** Returns the differences between a successful answer and the form of Vercel's SDK. */
export function vercelProblems(call: string, body: unknown): string[] {
  if (bare.has(call)) {
    const empty = body === undefined || (Buffer.isBuffer(body) && body.length === 0);
    return empty ? [] : ['the root: has a body'];
  }
  const all = (forms[call] ?? []).map((form) => compared(form, body));
  if (all.length === 0) return ["no schema of Vercel's SDK is named for this call"];
  return all.toSorted((one, other) => one.length - other.length)[0] ?? [];
}
