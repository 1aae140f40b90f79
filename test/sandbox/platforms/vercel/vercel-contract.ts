import { CancelDeploymentResponseBody$inboundSchema as Cancelled } from '@vercel/sdk/models/canceldeploymentresponsebody.js';
import { AssignAliasResponseBody$inboundSchema as Assigned } from '@vercel/sdk/models/assignaliasop.js';
import { FilterProjectEnvsResponseBody2$inboundSchema as Variables } from '@vercel/sdk/models/filterprojectenvsop.js';
import { GetDeploymentEventsResponseBodyDeployments1$inboundSchema as BuildEvent } from '@vercel/sdk/models/getdeploymenteventsop.js';
import { GetDeploymentResponseBody2$inboundSchema as Deployment } from '@vercel/sdk/models/getdeploymentresponsebody1.js';
import { GetDeploymentsResponseBody$inboundSchema as Deployments } from '@vercel/sdk/models/getdeploymentsop.js';
import { GetProjectResponseBody$inboundSchema as Project } from '@vercel/sdk/models/getprojectresponsebody.js';
import { GetRuntimeLogsResponseBody$inboundSchema as RuntimeRow } from '@vercel/sdk/models/getruntimelogsop.js';
import { ListDeploymentAliasesResponseBody$inboundSchema as DeploymentAliases } from '@vercel/sdk/models/listdeploymentaliasesop.js';
import { ListPromoteAliasesResponseBody2$inboundSchema as AliasMoves } from '@vercel/sdk/models/listpromotealiasesop.js';
import { ListSharedEnvVariableResponseBody$inboundSchema as SharedVariables } from '@vercel/sdk/models/listsharedenvvariableop.js';
import { UpdateProjectResponseBody$inboundSchema as Updated } from '@vercel/sdk/models/updateprojectresponsebody.js';

/** The schemas that Vercel's own SDK uses to read responses. */
export const official = {
  AliasMoves,
  Assigned,
  BuildEvent,
  Cancelled,
  Deployment,
  DeploymentAliases,
  Deployments,
  Project,
  RuntimeRow,
  SharedVariables,
  Updated,
  Variables,
};
type Schema = { parse(data: unknown): unknown };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function differ(read: unknown, sent: unknown, path: string): string[] {
  if (Array.isArray(read) && Array.isArray(sent))
    return read.flatMap((item, index) => differ(item, sent[index], `${path}[${index}]`));
  if (!isRecord(read) || !isRecord(sent))
    return JSON.stringify(read) === JSON.stringify(sent) ? [] : [`${path}: another value`];
  const keys = new Set([...Object.keys(read), ...Object.keys(sent)]);
  return [...keys].flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (!(key in sent)) return [`${at}: missing`];
    return key in read ? differ(read[key], sent[key], at) : [`${at}: unknown`];
  });
}

/**
 * Returns the differences between the response `sent` and Vercel's schema. The SDK adds "" or 0 for
 * a missing field and removes an unknown field, so both are returned as differences. Throws if an
 * enum has an unknown value or an object is missing.
 */
export const compare = (schema: Schema, sent: unknown): string[] =>
  differ(JSON.parse(JSON.stringify(schema.parse(structuredClone(sent)))), sent, '');
